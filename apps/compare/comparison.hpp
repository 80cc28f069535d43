// The outcome of a comparison in numbers: medians and spreads over seeds, as a table and as JSON.
#pragma once

#include "messages/types.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace adsp::apps {

/// One finished run.
struct compared_run {
  std::uint64_t seed = 0;
  std::string directory; ///< relative to the comparison's directory
  job_result result;     ///< without its parameters
};

/// All runs of one variant.
struct compared_policy {
  std::string label;
  std::vector<std::string> settings; ///< chosen or given, "key=value"
  std::vector<compared_run> runs;
  bool ideal = false; ///< one machine as fast as all workers, the limit for the others
};

struct comparison {
  std::string job;
  std::string target; ///< in words; empty: none
  bool simulated = false;
  std::vector<std::uint64_t> seeds;
  std::vector<compared_policy> policies;
};

/// Median and extremes of some values.
struct spread {
  double median = 0;
  double min = 0;
  double max = 0;
};

/// The spread of the values that are not NaN; nothing if there are none.
std::optional<spread> spread_of(std::vector<double> values);

/// The text of compare.json.
std::string comparison_json(const comparison& compared);

/// The table for a terminal. The others are compared with the first policy, whether or not one of
/// its runs has finished, and with the ideal machine if there is one.
std::string comparison_table(const comparison& compared);

/// Explains the table's figures in one or more lines, and whether runs are missing.
std::string comparison_caption(const comparison& compared);

/// Whether at least one run finished without failing.
bool trained(const comparison& compared);

/// Whether `a` is the better outcome of a trial: it did not fail, reached the target earlier, or
/// came nearer to it.
bool better(const job_result& a, const job_result& b);

} // namespace adsp::apps
