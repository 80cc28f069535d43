// Arrays of NumPy, as samples and as labels.
#include "learning/data/sources/load.hpp"
#include "learning/data_error.hpp"
#include "tests/fuzz/process_folder.hpp"
#include "tests/fuzz/targets.hpp"
#include "tests/learning/data/sources/npy_bytes.hpp"

#include <cstdint>
#include <fstream>

namespace adsp::fuzz {

namespace {

std::string samples() {
  return learning::npy<std::uint8_t>("|u1", "(2, 2, 2)", {1, 2, 3, 4, 5, 6, 7, 8});
}

std::string labels() {
  return learning::npy<std::uint8_t>("|u1", "(2,)", {0, 1});
}

void load(std::string_view of_samples, std::string_view of_labels) {
  std::ofstream{process_folder() / "x_train.npy", std::ios::binary} << of_samples;
  std::ofstream{process_folder() / "y_train.npy", std::ios::binary} << of_labels;
  learning::data_options options;
  options.source = "npy";
  options.path = process_folder().string();
  try {
    learning::load(options, learning::parts::training);
  } catch (const learning::data_error&) {
  }
}

} // namespace

const target npy{"npy",
                 [](std::string_view bytes) {
                   load(bytes, labels());
                   load(samples(), bytes);
                 },
                 [] {
                   return std::vector<std::string>{samples(), labels(),
                                                   learning::npy<float>("<f4", "(2, 1)", {1, 2})};
                 }};

} // namespace adsp::fuzz
