// Bytes as a regular file that is on no disk, for readers that take a path.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/mman.h>
#include <unistd.h>

namespace adsp::fuzz {

class memory_file {
public:
  explicit memory_file(std::string_view bytes) : descriptor_{::memfd_create("fuzz", MFD_CLOEXEC)} {
    while (!bytes.empty()) {
      const auto written = ::write(descriptor_, bytes.data(), bytes.size());
      if (written <= 0)
        throw std::runtime_error{"a file in memory cannot be written"};
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
  }
  memory_file(const memory_file&) = delete;
  memory_file& operator=(const memory_file&) = delete;
  ~memory_file() { ::close(descriptor_); }

  std::string path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

private:
  int descriptor_;
};

} // namespace adsp::fuzz
