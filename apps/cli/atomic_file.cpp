#include "apps/cli/atomic_file.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <stdexcept>
#include <unistd.h>

namespace adsp::apps {

namespace {

bool write_all(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto written = ::write(file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR)
      continue;
    if (written < 0)
      return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

void sync_folder(const std::filesystem::path& path) {
  const auto folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path{"."};
  const auto file = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (file < 0)
    return; // the file itself is synced
  ::fsync(file);
  ::close(file);
}

} // namespace

std::string system_error_text(const std::filesystem::path& path, std::string_view what) {
  return fmt::format("{}: {}: {}", path.string(), what, std::strerror(errno));
}

void write_atomically(const std::filesystem::path& path, std::string_view bytes) {
  auto temporary = path;
  temporary += fmt::format(".{}.tmp", ::getpid());
  const auto file = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (file < 0)
    throw std::runtime_error{system_error_text(temporary, "cannot be created")};
  const bool written = write_all(file, bytes) && ::fsync(file) == 0;
  const auto reason = errno;
  const bool closed = ::close(file) == 0;
  if (!written || !closed || ::rename(temporary.c_str(), path.c_str()) != 0) {
    if (!written)
      errno = reason;
    const auto text = system_error_text(path, "cannot be written");
    ::unlink(temporary.c_str());
    throw std::runtime_error{text};
  }
  sync_folder(path);
}

} // namespace adsp::apps
