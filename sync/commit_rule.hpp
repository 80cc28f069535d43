// What a shard does with a commit, as one value: the plan makes it, `host` carries it to the node of
// a shard, and the shard's store follows it. A new choice is a member here, and a line in its
// `inspect`.
#pragma once

namespace adsp::sync {

struct commit_rule {
  double eta = 1;      ///< factor of every commit, until the scheduler sends another
  double momentum = 0; ///< of the shard's velocity, 0 <= momentum < 1; 0: no velocity
  bool damped =
      false; ///< takes back a share of what has happened since the base of the update, see
             ///< sync/damping.hpp; of no effect with momentum
  bool operator==(const commit_rule&) const = default;
};

} // namespace adsp::sync
