// Which refusals of nodes are worth a line of the log, and which a strike: who is refused may come
// again and again, under the same name or many.
#pragma once

#include "actors/rights/last_said.hpp"

#include <cstddef>
#include <string>
#include <unordered_map>
#include <utility>

namespace adsp {

class refusal_log {
public:
  /// Lines of the log that the refusals of one process are worth.
  static constexpr std::size_t max_lines = 8;

  /// Whether to say `line` of the node `name`, refused in that process: not when it has been said of
  /// it last, nor after `max_lines` of the process.
  bool is_new(const std::string& process, const std::string& name, const std::string& line) {
    // Who tries again and again is told of once, and who comes under many names not for ever.
    return last_.is_new(name, line) && ++of(process).lines <= max_lines;
  }

  /// The process has been refused for good. Whether it had been before: an honest node does not come
  /// again.
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
