#include "security/files.hpp"

#include "security/error.hpp"
#include "security/pem.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace adsp::security {

namespace {

class open_file {
public:
  open_file(const std::filesystem::path& path, int flags, mode_t mode = 0)
      : number{::open(path.c_str(), flags | O_CLOEXEC, mode)} {}
  ~open_file() {
    if (number >= 0)
      ::close(number);
  }
  open_file(const open_file&) = delete;
  open_file& operator=(const open_file&) = delete;

  const int number; ///< negative: failed, see errno
};

std::string reason() {
  return std::strerror(errno);
}

void check_privacy(const struct stat& status) {
  const mode_t allowed = status.st_uid == 0 ? S_IRWXU | S_IRGRP : S_IRWXU;
  const mode_t mode = status.st_mode & (S_IRWXU | S_IRWXG | S_IRWXO);
  if ((mode & ~allowed) == 0)
    return;
  std::array<char, 8> text{};
  std::snprintf(text.data(), text.size(), "%04o", static_cast<unsigned>(mode));
  throw security_error{std::string{"others may use this private key (mode "} + text.data() +
                       "); run chmod 600 on it"};
}

std::string read_all(int file) {
  std::string text(max_pem_size + 1, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const auto part = ::read(file, text.data() + size, text.size() - size);
    if (part < 0 && errno == EINTR)
      continue;
    if (part < 0)
      throw security_error{"cannot be read: " + reason()};
    if (part == 0)
      break;
    size += static_cast<std::size_t>(part);
  }
  if (size > max_pem_size)
    throw security_error{"is longer than " + std::to_string(max_pem_size) +
                         " bytes, expected one PEM text"};
  text.resize(size);
  return text;
}

std::string read_file(const std::filesystem::path& path, bool is_key) {
  try {
    // Non-blocking, because opening a pipe would wait for its writer.
    const open_file file{path, O_RDONLY | O_NONBLOCK};
    struct stat status {};
    if (file.number < 0 || ::fstat(file.number, &status) != 0)
      throw security_error{"cannot be read: " + reason()};
    if (!S_ISREG(status.st_mode))
      throw security_error{"is not a regular file"};
    if (is_key)
      check_privacy(status);
    return read_all(file.number);
  } catch (const security_error& error) {
    throw security_error{path.string() + ": " + error.what()};
  }
}

bool write_all(int file, std::string_view text) {
  while (!text.empty()) {
    const auto written = ::write(file, text.data(), text.size());
    if (written < 0 && errno == EINTR)
      continue;
    if (written < 0)
      return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return ::fsync(file) == 0;
}

[[noreturn]] void fail_to_write(const std::filesystem::path& path) {
  throw std::runtime_error{path.string() + ": cannot be written: " + reason()};
}

} // namespace

std::string read_certificate_file(const std::filesystem::path& path) {
  return read_file(path, false);
}

std::string read_key_file(const std::filesystem::path& path) {
  return read_file(path, true);
}

void create_file(const std::filesystem::path& path, std::string_view text, readable_by who) {
  const open_file file{path, O_WRONLY | O_CREAT | O_EXCL,
                       who == readable_by::owner ? 0600U : 0644U};
  if (file.number < 0 && errno == EEXIST)
    throw security_error{path.string() + ": exists already; it is not overwritten"};
  if (file.number < 0)
    fail_to_write(path);
  if (write_all(file.number, text))
    return;
  const auto error = errno;
  ::unlink(path.c_str());
  errno = error;
  fail_to_write(path);
}

void replace_file(const std::filesystem::path& path, std::string_view text) {
  auto next = path;
  next += ".new";
  create_file(next, text, readable_by::everybody);
  if (::rename(next.c_str(), path.c_str()) == 0)
    return;
  const auto error = errno;
  ::unlink(next.c_str());
  errno = error;
  fail_to_write(path);
}

} // namespace adsp::security
