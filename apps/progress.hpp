// How a running job looks on a terminal, or in a log when there is none.
#pragma once

#include "messages/types.hpp"

#include <cstdio>
#include <string>

namespace adsp::apps {

/// What the bar measures against.
struct progress_view {
  double max_time = 0;         ///< seconds; 0: no limit
  std::uint64_t max_steps = 0; ///< 0: no limit
  std::string policy;
};

/// One refreshed line of at most `width` characters; speeds are from the difference to `before`.
std::string progress_line(const job_status& now, const job_status& before,
                          const progress_view& view, std::size_t width);

/// One line of key=value pairs for a log.
std::string plain_line(const job_status& now, const job_status& before);

/// Draws statuses: refreshed on a terminal, else a line an evaluation, at most one a second.
class progress_printer {
public:
  progress_printer(std::FILE* out, bool terminal, bool quiet, progress_view view);

  void update(const job_status& x);

  /// Leaves the line: what follows starts on a new one.
  void finish();

private:
  void draw(const job_status& x);

  std::FILE* out_;
  bool terminal_;
  bool quiet_;
  progress_view view_;
  job_status before_; ///< what speeds are measured from: some second ago
  job_status drawn_;  ///< the last one shown
  bool line_open_ = false;
};

} // namespace adsp::apps
