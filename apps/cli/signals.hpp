// Ctrl-C and SIGTERM: the first asks the job to end, the second ends the process.
#pragma once

namespace adsp::apps {

/// Catches SIGINT and SIGTERM while it lives.
class signal_guard {
public:
  signal_guard();
  signal_guard(const signal_guard&) = delete;
  signal_guard& operator=(const signal_guard&) = delete;
  ~signal_guard();

  /// Whether one has come.
  bool interrupted() const;
};

} // namespace adsp::apps
