// How a shard applies commits: the plan makes this value, the `host` message carries it to the
// shard's node, and the shard's store follows it. A new option is a member here and a line in its
// `inspect`.
#pragma once

#include <cstdint>

namespace adsp::sync {

/// When a shard moves its parameters.
enum class server_step : std::uint8_t {
  commit, ///< on every commit
  round,  ///< when the scheduler closes a round, on all commits that have arrived since the last
};

struct commit_rule {
  double eta = 1;      ///< factor of every step, until the scheduler sends another
  double momentum = 0; ///< of the shard's velocity, 0 <= momentum < 1; 0: no velocity
  bool damped = false; ///< takes back a share of what has changed since the update's base, see
                       ///< sync/damping.hpp; no effect with momentum or rounds
  server_step step = server_step::commit;
  double step_weight = 1; ///< p: in a round's mean, an update of n steps has the weight n^p
  bool operator==(const commit_rule&) const = default;
};

} // namespace adsp::sync
