// Random schedules for the policies: step times, delays, repetitions, losses.
#pragma once

#include "sync/adsp_options.hpp"
#include "tests/sync/fake_cluster.hpp"

#include <algorithm>

namespace adsp::sync::test {

inline constexpr unsigned seeds = 200;

/// The policy with its defaults, and a fixed commit rate.
inline options knobs_of(policy_kind kind) {
  options x;
  x.policy = kind;
  x.adsp->step = server_step::commit;
  x.adsp->search = search_kind::none;
  return x;
}

/// The network of a seed: perfect, slow and repeating, or losing too.
inline weather net_of(unsigned seed) {
  if (seed % 3 == 0)
    return {};
  return {0.5, 0.2, seed % 3 == 2 ? 0.2 : 0.0};
}

inline void add_random_workers(fake_cluster& x, int count) {
  for (int i = 0; i < count; ++i)
    x.add(0.2 + 3 * x.uniform(), 0.5, 0.1 * x.uniform());
}

} // namespace adsp::sync::test
