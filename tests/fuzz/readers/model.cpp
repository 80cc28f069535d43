// Saved models. The header's length and checksum are made to fit the bytes, so that what stands behind
// these two checks is reached.
#include "apps/model/model_file.hpp"
#include "tests/fuzz/memory_file.hpp"
#include "tests/fuzz/targets.hpp"

#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include <unistd.h>
#include <zlib.h>

namespace adsp::fuzz {

namespace {

// A header: 8 bytes of name, 4 of version, 4 of checksum, 8 of length, all as this machine has them.
constexpr std::size_t version_offset = 8;
constexpr std::size_t checksum_offset = 12;
constexpr std::size_t length_offset = 16;
constexpr std::size_t header_bytes = 24;

std::string sealed(std::string_view bytes) {
  std::string file{bytes};
  if (file.size() < header_bytes)
    return file;
  const std::uint64_t length = file.size() - header_bytes;
  const auto* const payload = reinterpret_cast<const Bytef*>(file.data() + header_bytes);
  const auto* const version = reinterpret_cast<const Bytef*>(file.data() + version_offset);
  const auto start = *version == 4 ? 0 : crc32_z(0, version, 4); // from version 5 on it counts too
  const auto checksum = static_cast<std::uint32_t>(crc32_z(start, payload, length));
  std::memcpy(file.data() + checksum_offset, &checksum, sizeof checksum);
  std::memcpy(file.data() + length_offset, &length, sizeof length);
  return file;
}

std::string saved(const apps::saved_model& model) {
  const auto path = std::filesystem::temp_directory_path() /
                    ("adsp-fuzz-" + std::to_string(::getpid()) + ".adsp");
  apps::save_model(path, model);
  std::ifstream in{path, std::ios::binary};
  std::string bytes{std::istreambuf_iterator<char>{in}, {}};
  std::filesystem::remove(path);
  return bytes;
}

apps::saved_model softmax_of_a_table() {
  apps::saved_model model;
  model.model.kind = "softmax";
  model.data.source = "csv";
  model.data.path = "t.csv";
  model.data.target = "kind";
  model.data.task = "classification";
  model.input = {1, 1, 2};
  model.classes = 2;
  model.parameters = {1, 2, 3, 4, 5, 6};
  return model;
}

apps::saved_model quadratic() {
  apps::saved_model model;
  model.model.kind = "quadratic";
  model.data.source = "quadratic";
  model.input = {1, 1, 4};
  model.parameters = {1, 2, 3, 4};
  return model;
}

} // namespace

const target model{
    "model",
    [](std::string_view bytes) {
      const memory_file file{sealed(bytes)};
      try {
        const auto found = apps::load_model(file.path());
        // Beyond this a model is allowed to take memory and time.
        if (found.parameters.size() < 100'000)
          apps::make_model(found, file.path());
      } catch (const std::runtime_error&) {
      } catch (const std::invalid_argument&) {
      }
    },
    [] {
      return std::vector<std::string>{saved(softmax_of_a_table()), saved(quadratic())};
    }};

} // namespace adsp::fuzz
