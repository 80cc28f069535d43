// Arrays of NumPy, as samples and as labels.
#include "learning/data/sources/load.hpp"
#include "learning/data_error.hpp"
#include "tests/fuzz/targets.hpp"

#include <filesystem>
#include <fstream>

#include <unistd.h>

namespace adsp::fuzz {

namespace {

namespace fs = std::filesystem;

/// An .npy of version 1.0.
std::string array(const std::string& type, const std::string& shape, const std::string& numbers) {
  auto header = "{'descr': '" + type + "', 'fortran_order': False, 'shape': (" + shape + "), }";
  header.resize(117, ' ');
  header += '\n';
  return std::string{"\x93NUMPY\1\0", 8} + static_cast<char>(header.size()) + '\0' + header +
         numbers;
}

std::string samples() {
  return array("|u1", "2, 2, 2", "12345678");
}

std::string labels() {
  return array("|u1", "2,", std::string{"\0\1", 2});
}

/// A folder of this process, removed with its files.
struct array_folder {
  array_folder() { fs::create_directories(path); }
  array_folder(const array_folder&) = delete;
  array_folder& operator=(const array_folder&) = delete;
  ~array_folder() { fs::remove_all(path); }

  void write(const char* name, std::string_view bytes) const {
    std::ofstream{path / name, std::ios::binary} << bytes;
  }

  fs::path path = fs::temp_directory_path() / ("adsp-fuzz-" + std::to_string(::getpid()));
};

void load(const fs::path& path) {
  learning::data_options options;
  options.source = "npy";
  options.path = path.string();
  try {
    learning::load(options, learning::parts::training);
  } catch (const learning::data_error&) {
  }
}

} // namespace

const target npy{
    "npy",
    [](std::string_view bytes) {
      const array_folder files;
      files.write("x_train.npy", bytes);
      files.write("y_train.npy", labels());
      load(files.path);
      files.write("x_train.npy", samples());
      files.write("y_train.npy", bytes);
      load(files.path);
    },
    [] {
      const auto floats = array("<f4", "2, 1", std::string{"\0\0\x80\x3f\0\0\0\x40", 8});
      return std::vector<std::string>{samples(), labels(), floats};
    }};

} // namespace adsp::fuzz
