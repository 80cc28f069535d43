// Zips of NumPy's arrays.
#include "apps/model/npz.hpp"
#include "tests/fuzz/memory_file.hpp"
#include "tests/fuzz/targets.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include <unistd.h>

namespace adsp::fuzz {

namespace {

const std::vector<learning::tensor> tensors{{"0.dense.weights", {2, 3}}, {"0.dense.biases", {2}}};

std::string written() {
  const auto path =
      std::filesystem::temp_directory_path() / ("adsp-fuzz-" + std::to_string(::getpid()) + ".npz");
  apps::write_npz(path, tensors, std::vector<float>{1, -2, 0.5F, 1e-30F, 5, 6, 7, 8});
  std::ifstream in{path, std::ios::binary};
  std::string bytes{std::istreambuf_iterator<char>{in}, {}};
  std::filesystem::remove(path);
  return bytes;
}

} // namespace

const target npz{"npz",
                 [](std::string_view bytes) {
                   const memory_file file{bytes};
                   try {
                     apps::read_npz(file.path(), tensors);
                   } catch (const std::runtime_error&) {
                   }
                 },
                 [] { return std::vector<std::string>{written()}; }};

} // namespace adsp::fuzz
