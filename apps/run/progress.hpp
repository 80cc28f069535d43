// Shows a running job on a terminal, or in a log if there is no terminal.
#pragma once

#include "messages/types.hpp"

#include <cstdio>
#include <string>

namespace adsp::apps {

/// The limits that the progress bar is relative to.
struct progress_view {
  double max_time = 0;         ///< seconds; 0: no limit
  std::uint64_t max_steps = 0; ///< 0: no limit
  std::string policy;
};

/// One refreshed line of at most `width` characters.
std::string progress_line(const job_status& now, const progress_view& view, std::size_t width);

/// One line of key=value pairs for a log.
std::string plain_line(const job_status& now);

/// Shows statuses: in one refreshed line on a terminal, otherwise one line for each evaluation, at
/// most one per second.
class progress_printer {
public:
  progress_printer(std::FILE* out, bool terminal, bool quiet, progress_view view);

  void update(const job_status& status);

  /// Ends the line, so that later output starts on a new one.
  void finish();

private:
  std::FILE* out_;
  bool terminal_;
  bool quiet_;
  progress_view view_;
  job_status shown_;     ///< the last one printed as a line
  double next_line_ = 0; ///< training time of the next line
  bool line_open_ = false;
};

} // namespace adsp::apps
