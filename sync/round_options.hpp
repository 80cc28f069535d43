// Options of rounds by time.
#pragma once

#include "sync/types.hpp"

#include <optional>

namespace adsp::sync {

struct round_options {
  seconds length = 0; ///< T: time between two rounds; 0: from what is measured
  seconds grace = 0;  ///< delta: time from a round's moment to the server's step; 0: likewise
  /// p: an update of n steps has the weight n^p in its round's mean. Unset: 1 where every worker's
  /// data is a random part of the same, so that all updates point the same way and those of more
  /// steps know more; else 0, since the mean over the workers would become one over their steps.
  std::optional<double> step_weight;
};

} // namespace adsp::sync
