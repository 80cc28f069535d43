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
  std::string directory; ///< relative to the comparison's
  job_result result;     ///< without its parameters
};

/// All runs of one variant.
struct compared_policy {
  std::string label;
  std::vector<std::string> settings; ///< chosen or given, "key=value"
  std::vector<compared_run> runs;
};

struct comparison {
  std::string job;
  std::string target; ///< in words; empty: none
  bool simulated = false;
  std::vector<std::uint64_t> seeds;
  std::vector<compared_policy> policies;
};

/// Middle and ends of some values.
struct spread {
  double median = 0;
  double min = 0;
  double max = 0;
};

/// Nothing for no values.
std::optional<spread> spread_of(std::vector<double> values);

/// The text of compare.json.
std::string comparison_json(const comparison& x);

/// The table for a terminal: the first policy is what the others are compared with.
std::string comparison_table(const comparison& x);

} // namespace adsp::apps
