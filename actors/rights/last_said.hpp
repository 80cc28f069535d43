// Who does the same again and again is told of once.
#pragma once

#include <cstddef>
#include <string>
#include <unordered_map>
#include <utility>

namespace adsp {

/// What has been said last of each of a few.
class last_said {
public:
  /// Of more than `capacity` it forgets all, and begins anew.
  explicit last_said(std::size_t capacity) : capacity_{capacity} {}

  /// Whether `what` is not what has been said last of `whom`; it is from now on.
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
