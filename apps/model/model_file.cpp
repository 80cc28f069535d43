#include "apps/model/model_file.hpp"

#include "apps/cli/atomic_file.hpp"
#include "apps/model/archive.hpp"
#include "learning/data_error.hpp"
#include "learning/models/tokens.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace adsp::learning {

/// As a byte: any other than 0 and 1 read into a bool would be undefined.
template <adsp::cereal_archive Archive>
void serialize_flag(Archive& archive, bool& x) {
  std::uint8_t byte = x ? 1 : 0;
  archive(byte);
  x = byte != 0;
}

template <adsp::cereal_archive Archive>
void serialize(Archive& archive, shape& x) {
  std::int64_t sides[] = {x.height, x.width, x.channels};
  archive(sides[0], sides[1], sides[2]);
  x = {sides[0], sides[1], sides[2]};
}

template <adsp::cereal_archive Archive>
void serialize(Archive& archive, layer_options& x) {
  archive(x.kind, x.units, x.filters, x.kernel, x.stride, x.padding, x.vocabulary, x.depth, x.alpha,
          x.beta, x.bias, x.rate, x.initialiser, x.deviation);
  serialize_flag(archive, x.sequence);
}

template <adsp::cereal_archive Archive>
void serialize(Archive& archive, table_column& x) {
  archive(x.name, x.offset, x.divisor, x.fill, x.categories);
  serialize_flag(archive, x.one_hot);
}

template <adsp::cereal_archive Archive>
void serialize(Archive& archive, model_options& x) {
  archive(x.kind, x.hidden, x.weight_decay, x.condition, x.loss, x.layers);
}

template <adsp::cereal_archive Archive>
void serialize(Archive& archive, data_options& x) {
  archive(x.source, x.path, x.partition, x.alpha, x.samples, x.dimensions, x.noise, x.train_limit,
          x.test_limit, x.target, x.features, x.window, x.bins, x.train_share, x.delimiter, x.task,
          x.missing, x.one_hot, x.scale, x.test_path, x.horizon, x.class_weights, x.augment);
  serialize_flag(archive, x.header);
  serialize_flag(archive, x.scale_target);
}

} // namespace adsp::learning

namespace adsp::apps {

template <adsp::cereal_archive Archive>
void serialize(Archive& archive, saved_model& x) {
  archive(x.model, x.data, x.prepared, x.input, x.classes, x.steps, x.loss, x.accuracy,
          x.parameters);
}

namespace {

/// What stands before the payload; little-endian, without gaps.
struct header {
  char magic[8] = {'a', 'd', 's', 'p', 'm', 'o', 'd', 'l'};
  std::uint32_t version = 4;
  std::uint32_t checksum = 0; ///< CRC-32 of the payload
  std::uint64_t length = 0;   ///< bytes of the payload
};
static_assert(sizeof(header) == 24);

std::uint32_t checksum_of(std::string_view bytes) {
  return static_cast<std::uint32_t>(
      crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

void check_header(const header& found, std::uint64_t payload, const std::string& path) {
  const header expected;
  if (std::memcmp(found.magic, expected.magic, sizeof(found.magic)) != 0)
    throw std::runtime_error{path + ": not a model file; expected a model.adsp"};
  if (found.version != expected.version)
    throw std::runtime_error{
        fmt::format("{}: model format {}, this program reads {}; use the program "
                    "that wrote it",
                    path, found.version, expected.version)};
  if (found.length != payload)
    throw std::runtime_error{fmt::format("{}: damaged: {} bytes follow the header, expected {}",
                                         path, payload, found.length)};
}

/// The payload, verified. Nothing is read, and no memory taken, for what the header rules out.
std::string read_payload(const std::filesystem::path& path) {
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
  if (top.checksum != checksum_of(payload))
    throw std::runtime_error{path.string() + ": damaged: the checksum is wrong"};
  return payload;
}

/// Sides whose product cannot overflow; more numbers a sample than this no network takes.
bool is_sound(const learning::shape& x) {
  constexpr std::ptrdiff_t most = std::ptrdiff_t{1} << 30;
  const auto side = [](auto s) { return s > 0 && s <= most; };
  return side(x.height) && side(x.width) && side(x.channels) && x.width <= most / x.height &&
         x.channels <= most / (x.height * x.width);
}

} // namespace

void save_model(const std::filesystem::path& path, const saved_model& x) {
  std::ostringstream out{std::ios::binary};
  cereal::PortableBinaryOutputArchive{out}(x);
  const auto payload = std::move(out).str();
  header top;
  top.checksum = checksum_of(payload);
  top.length = payload.size();
  std::string bytes(sizeof(top), '\0');
  std::memcpy(bytes.data(), &top, sizeof(top));
  write_atomically(path, bytes + payload);
}

saved_model load_model(const std::filesystem::path& path) {
  std::istringstream in{read_payload(path), std::ios::binary};
  saved_model x;
  try {
    cereal::PortableBinaryInputArchive{in}(x);
  } catch (const cereal::Exception& error) {
    throw std::runtime_error{fmt::format("{}: damaged: {}", path.string(), error.what())};
  }
  if (!is_sound(x.input) || x.classes < 0)
    throw std::runtime_error{path.string() + ": damaged: such samples cannot be"};
  return x;
}

std::unique_ptr<learning::model> make_model(const saved_model& x, const std::string& path) {
  const auto fits = [&](std::size_t count) {
    if (count != x.parameters.size())
      throw std::runtime_error{fmt::format("{}: damaged: {} parameters where its model has {}",
                                           path, x.parameters.size(), count)};
  };
  if (x.model.kind == "quadratic") // before it takes the memory
    fits(static_cast<std::size_t>(x.input.size()));
  auto result = learning::make_model(x.model, x.input, x.classes);
  fits(result->parameter_count());
  return result;
}

void require_finite(learning::model& model, const saved_model& x, const Eigen::MatrixXf& samples,
                    const Eigen::MatrixXf& outputs, const std::string& path,
                    const std::function<std::string(Eigen::Index)>& place) {
  for (Eigen::Index i = 0; i < outputs.cols(); ++i) {
    if (outputs.col(i).allFinite())
      continue;
    float largest = 0;
    for (Eigen::Index k = 0; k < samples.rows(); ++k)
      largest = std::max(largest, std::abs(samples(k, i)));
    if (largest > 1 && learning::vocabulary_of(x.model) == 0) { // tokens are never too large
      Eigen::MatrixXf answer;
      model.predict(x.parameters, samples.col(i) / largest, answer);
      if (answer.allFinite())
        throw learning::data_error(place(i) + ": too far from the training values: the model "
                                              "predicts what is no number");
    }
    throw std::runtime_error{path +
                             ": the model predicts what is no number; its training has diverged"};
  }
}

} // namespace adsp::apps
