// A folder for readers that take one.
#pragma once

#include <filesystem>
#include <string>

#include <unistd.h>

namespace adsp::fuzz {

/// One folder a process, in memory where the system has that; removed at the process's end.
inline const std::filesystem::path& process_folder() {
  static const struct holder {
    holder() {
      const std::filesystem::path memory = "/dev/shm";
      path = (is_directory(memory) ? memory : std::filesystem::temp_directory_path()) /
             ("adsp-fuzz-" + std::to_string(::getpid()));
      create_directories(path);
    }
    holder(const holder&) = delete;
    holder& operator=(const holder&) = delete;
    ~holder() { std::filesystem::remove_all(path); }

    std::filesystem::path path;
  } folder;
  return folder.path;
}

} // namespace adsp::fuzz
