// A cluster's files in a temporary folder.
#pragma once

#include "security/certificate_folder.hpp"
#include "security/files.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <system_error>
#include <unistd.h>
#include <vector>

namespace certificate_files {

namespace fs = std::filesystem;

/// 2026-01-01 12:00 UTC: nothing here asks the clock of the machine.
inline constexpr std::chrono::system_clock::time_point noon{std::chrono::seconds{1767268800}};

/// One for each use of a process, removed at its end.
class folder {
public:
  folder() {
    static int count = 0;
    path_ = fs::temp_directory_path() /
            ("adsp-security-" + std::to_string(::getpid()) + "-" + std::to_string(count++));
    fs::remove_all(path_);
    fs::create_directories(path_);
  }
  ~folder() {
    std::error_code none;
    fs::remove_all(path_, none);
  }
  folder(const folder&) = delete;
  folder& operator=(const folder&) = delete;

  const fs::path& path() const { return path_; }
  fs::path operator/(const std::string& name) const { return path_ / name; }

  std::string text(const std::string& name) const {
    std::ifstream in{path_ / name, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
  }

  void write(const std::string& name, const std::string& text) const {
    std::ofstream{path_ / name, std::ios::binary} << text;
    fs::permissions(path_ / name, fs::perms::owner_read | fs::perms::owner_write);
  }

  adsp::security::credentials credentials(const std::string& name) const {
    return {text(name + ".pem"), text(name + ".key")};
  }

  /// Nodes of the cluster, which is made with the first ones.
  adsp::security::issued_certificates
  issue(std::vector<std::string> nodes, std::chrono::system_clock::time_point now = noon) const {
    return adsp::security::issue_certificates({path_, std::move(nodes), 100, false}, now);
  }

private:
  fs::path path_;
};

/// The text of the security_error that `f` throws; empty when it throws nothing.
template <class F>
std::string trouble(F f) {
  try {
    f();
  } catch (const adsp::security::security_error& error) {
    return error.what();
  }
  return {};
}

inline bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

} // namespace certificate_files
