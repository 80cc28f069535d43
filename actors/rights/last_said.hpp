// Prevents a log from repeating a line about the same peer.
#pragma once

#include <cstddef>
#include <string>
#include <unordered_map>
#include <utility>

namespace adsp {

/// Remembers the last line about each of a few names.
class last_said {
public:
  /// Forgets all names when there would be more than `capacity`.
  explicit last_said(std::size_t capacity) : capacity_{capacity} {}

  /// Whether `what` differs from the last line about `whom`; remembers it as the last one.
  bool is_new(const std::string& whom, std::string what) {
    if (said_.size() >= capacity_ && !said_.contains(whom))
      said_.clear();
    auto& last = said_[whom];
    if (last == what)
      return false;
    last = std::move(what);
    return true;
  }

  void forget(const std::string& whom) { said_.erase(whom); }

private:
  std::size_t capacity_;
  std::unordered_map<std::string, std::string> said_;
};

} // namespace adsp
