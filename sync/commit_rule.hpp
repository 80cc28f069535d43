// How a shard applies a commit: the plan makes this value, the `host` message carries it to the
// shard's node, and the shard's store follows it. A new option is a member here and a line in its
// `inspect`.
#pragma once

namespace adsp::sync {

struct commit_rule {
  double eta = 1;      ///< factor of every commit, until the scheduler sends another
  double momentum = 0; ///< of the shard's velocity, 0 <= momentum < 1; 0: no velocity
  bool damped = false; ///< takes back a share of what has changed since the update's base, see
                       ///< sync/damping.hpp; no effect with momentum
  bool operator==(const commit_rule&) const = default;
};

} // namespace adsp::sync
