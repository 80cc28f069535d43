#include "apps/model/model_file.hpp"

#include "apps/cli/atomic_file.hpp"
#include "apps/config/model_text.hpp"
#include "apps/model/model_version4.hpp"
#include "apps/model/model_version5.hpp"
#include "learning/data/text/cell_text.hpp"
#include "learning/data_error.hpp"
#include "learning/layers/make_layer.hpp"
#include "learning/models/tokens.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <stdexcept>

namespace adsp::apps {

namespace {

/// The header before the payload; little-endian, without gaps.
struct header {
  std::array<char, 8> magic = model_magic;
  std::uint32_t version = 5;
  std::uint32_t checksum = 0; ///< CRC-32, see `checksum_of`
  std::uint64_t length = 0;   ///< bytes of the payload
};
static_assert(sizeof(header) == 24);

constexpr std::uint32_t oldest_version = 4;

/// The parameters of the largest model, and 1 GiB for everything else.
constexpr std::uint64_t max_payload = learning::max_parameters * sizeof(float) + (1 << 30);

/// From version 5 on the checksum covers the version, too, so that a payload is never read as
/// another version.
std::uint32_t checksum_of(std::uint32_t version, std::string_view bytes) {
  const auto add = [](uLong sum, const void* data, std::size_t size) {
    return crc32_z(sum, static_cast<const Bytef*>(data), size);
  };
  const auto start = version == oldest_version ? 0 : add(0, &version, sizeof version);
  return static_cast<std::uint32_t>(add(start, bytes.data(), bytes.size()));
}

void check_header(const header& found, std::uint64_t payload, const std::string& path) {
  const header expected;
  if (found.magic != expected.magic)
    throw std::runtime_error{path + ": not a model file; expected a model.adsp"};
  if (found.version < oldest_version || found.version > expected.version)
    throw std::runtime_error{
        fmt::format("{}: model format {}, this program reads {} to {}; use the program that wrote "
                    "it",
                    path, found.version, oldest_version, expected.version)};
  if (payload > max_payload)
    throw std::runtime_error{
        fmt::format("{}: damaged: it is larger than any model, {} bytes", path, payload)};
  if (found.length != payload)
    throw std::runtime_error{fmt::format("{}: damaged: found {} after the header, expected {}",
                                         path, learning::counted(payload, "byte"), found.length)};
}

/// The version and the payload, verified. Checks the header before it reads or allocates anything.
std::pair<std::uint32_t, std::string> read_payload(const std::filesystem::path& path) {
  std::ifstream file{path, std::ios::binary};
  if (!file || !std::filesystem::is_regular_file(path))
    throw std::runtime_error{fmt::format("{}: cannot be read; expected a model.adsp that a run has "
                                         "left in its run directory",
                                         path.string())};
  const auto size = std::filesystem::file_size(path);
  header top;
  if (size < sizeof(top) || !file.read(reinterpret_cast<char*>(&top), sizeof(top)))
    throw std::runtime_error{path.string() + ": not a model file: it is too short"};
  check_header(top, size - sizeof(top), path.string());
  std::string payload(top.length, '\0');
  if (!file.read(payload.data(), static_cast<std::streamsize>(payload.size())))
    throw std::runtime_error{path.string() + ": damaged: it ends too early"};
  if (top.checksum != checksum_of(top.version, payload))
    throw std::runtime_error{path.string() + ": damaged: the checksum is wrong"};
  return {top.version, std::move(payload)};
}

/// Whether the product of the sides cannot overflow; no network takes more numbers in a sample.
bool is_sound(const learning::shape& sample) {
  constexpr std::ptrdiff_t most = std::ptrdiff_t{1} << 30;
  const auto side = [](auto s) { return s > 0 && s <= most; };
  return side(sample.height) && side(sample.width) && side(sample.channels) &&
         sample.width <= most / sample.height &&
         sample.channels <= most / (sample.height * sample.width);
}

/// Throws if the file's tensors differ from the model's. Files of version 4 name no tensors.
void check_tensors(const saved_model& saved, const std::vector<learning::tensor>& expected,
                   const std::string& path) {
  if (saved.tensors.empty())
    return;
  const auto same = [](const learning::tensor& a, const learning::tensor& b) {
    return a.name == b.name && a.extents == b.extents;
  };
  const auto [found, wanted] = std::ranges::mismatch(saved.tensors, expected, same);
  if (found != saved.tensors.end() || wanted != expected.end())
    throw std::runtime_error{fmt::format(
        "{}: damaged: it has {} where its model has {}", path,
        found == saved.tensors.end() ? "no tensor" : "the tensor " + learning::shown(found->name),
        wanted == expected.end() ? "none" : learning::shown(wanted->name))};
}

} // namespace

void save_model(const std::filesystem::path& path, const saved_model& saved) {
  const auto payload = version5_of(saved);
  header top;
  top.checksum = checksum_of(top.version, payload);
  top.length = payload.size();
  std::string bytes(sizeof(top), '\0');
  std::memcpy(bytes.data(), &top, sizeof(top));
  write_atomically(path, bytes + payload);
}

saved_model load_model(const std::filesystem::path& path) {
  const auto [version, payload] = read_payload(path);
  saved_model x;
  try {
    x = version == oldest_version ? read_version4(payload) : read_version5(payload);
  } catch (const std::exception& error) {
    throw std::runtime_error{fmt::format("{}: damaged: {}", path.string(), error.what())};
  }
  if (!is_sound(x.input) || x.classes < 0)
    throw std::runtime_error{path.string() + ": damaged: impossible sample shape"};
  return x;
}

std::unique_ptr<learning::model> make_model(const saved_model& saved, const std::string& path) {
  const auto fits = [&](std::size_t count) {
    if (count != saved.parameters.size())
      throw std::runtime_error{fmt::format("{}: damaged: {} parameters where its model has {}",
                                           path, saved.parameters.size(), count)};
  };
  if (saved.model.kind == "quadratic") // checked before it allocates
    fits(static_cast<std::size_t>(saved.input.size()));
  auto result = learning::make_model(saved.model, saved.input, saved.classes);
  fits(result->parameter_count());
  check_tensors(saved, result->tensors(), path);
  return result;
}

void require_finite(learning::model& model, const saved_model& saved,
                    const Eigen::MatrixXf& samples, const Eigen::MatrixXf& outputs,
                    const std::string& path,
                    const std::function<std::string(Eigen::Index)>& place) {
  for (Eigen::Index i = 0; i < outputs.cols(); ++i) {
    if (outputs.col(i).allFinite())
      continue;
    float largest = 0;
    for (Eigen::Index k = 0; k < samples.rows(); ++k)
      largest = std::max(largest, std::abs(samples(k, i)));
    if (largest > 1 && learning::vocabulary_of(saved.model) == 0) { // tokens have been
                                                                    // range-checked
      Eigen::MatrixXf answer;
      model.predict(saved.parameters, samples.col(i) / largest, answer);
      if (answer.allFinite())
        throw learning::data_error(place(i) + ": too far from the training values: the model "
                                              "predicts NaN or infinity");
    }
    throw std::runtime_error{path +
                             ": the model predicts NaN or infinity; its training has diverged"};
  }
}

} // namespace adsp::apps
