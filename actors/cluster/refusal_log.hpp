// Decides which refusals of nodes are logged, and which count as a strike: a refused process may
// come again and again, under one name or many.
#pragma once

#include "actors/rights/last_said.hpp"

#include <cstddef>
#include <string>
#include <unordered_map>
#include <utility>

namespace adsp {

class refusal_log {
public:
  /// Most lines logged about refusals of one process.
  static constexpr std::size_t max_lines = 8;

  /// Whether to log `line` about the node `name`, refused in that process: not if it was also the
  /// last line about the node, nor after `max_lines` lines about the process.
  bool is_new(const std::string& process, const std::string& name, const std::string& line) {
    // Repeated attempts are logged once, and attempts under many names a limited number of times.
    return last_.is_new(name, line) && ++of(process).lines <= max_lines;
  }

  /// The process has been refused for good. Returns whether that had happened before: an honest
  /// node does not come again.
  bool comes_again(const std::string& process) { return std::exchange(of(process).for_good, true); }

  /// The node is a member now.
  void forget(const std::string& name) { last_.forget(name); }

private:
  static constexpr std::size_t max_names = 256;
  static constexpr std::size_t max_processes = 4096;

  struct history {
    std::size_t lines = 0;
    bool for_good = false;
  };

  history& of(const std::string& process) {
    if (processes_.size() >= max_processes && !processes_.contains(process))
      processes_.clear();
    return processes_[process];
  }

  last_said last_{max_names};
  std::unordered_map<std::string, history> processes_;
};

} // namespace adsp
