// What a simulated step costs at least: the same workers' arithmetic in one loop over one queue of
// events, without actors, messages or policies.
#pragma once

#include "actors/plan/job.hpp"
#include "learning/data/dataset.hpp"

#include <cstdint>

namespace adsp {

/// Lets the workers of `plan` train for `seconds` of virtual time: minibatches, gradients and device
/// times drawn as in a simulation, a commit a minute to one shard by the plan's rule over the
/// devices' links, and the answer back. Nothing is evaluated or written down, and everybody is there
/// from the beginning. The number of steps done.
std::uint64_t run_plain_loop(const job& plan, const learning::dataset& data, double seconds);

} // namespace adsp
