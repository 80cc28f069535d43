// A folder of one test's own, gone at its end.
#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <unistd.h>

namespace program {

class scratch_folder {
public:
  /// `name` tells the folders of one test program from those of others.
  explicit scratch_folder(const std::string& name)
      : path{std::filesystem::temp_directory_path() /
             ("adsp-" + name + "-" + std::to_string(::getpid()))} {
    std::filesystem::remove_all(path);
    std::filesystem::create_directories(path);
  }
  scratch_folder(const scratch_folder&) = delete;
  scratch_folder& operator=(const scratch_folder&) = delete;
  ~scratch_folder() { std::filesystem::remove_all(path); }

  /// Where a file of this name is, or would be.
  std::string file(const std::string& name) const { return (path / name).string(); }

  void write(const std::filesystem::path& name, const std::string& bytes) const {
    std::ofstream{path / name, std::ios::binary} << bytes;
  }

  std::string text(const std::filesystem::path& name) const {
    std::ifstream in{path / name, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
  }

  const std::filesystem::path path;
};

} // namespace program
