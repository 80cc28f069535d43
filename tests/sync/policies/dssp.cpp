// DSSP: the number of extra commits, and the range that the bound stays in.
#include "sync/dssp_policy.hpp"
#include "sync/policies.hpp"
#include "sync/ssp_options.hpp"
#include "tests/sync/members.hpp"
#include "tests/sync/schedules.hpp"

#include <doctest/doctest.h>

using namespace adsp::sync;
using namespace adsp::sync::test;

namespace {

options dssp(std::uint32_t low, std::uint32_t high) {
  auto x = knobs_of(policy_kind::dssp);
  x.dssp->staleness_min = low;
  x.dssp->staleness_max = high;
  return x;
}

/// Steps of a worker in 300 seconds, beside one that takes four times as long.
std::uint64_t steps_beside_a_slow_one(const options& x) {
  fake_cluster all{x, {}, 1};
  all.add(1);
  all.add(4);
  all.start();
  all.run_until(300);
  return all.workers[0].done.steps;
}

} // namespace

TEST_CASE("DSSP: as many extra commits as end nearest to one of the slowest worker") {
  // The slowest commits at 14, 18, 22, ...; the fast one, from 10 on, every second.
  CHECK(extra_commits({10, 1}, {10, 4}, 12) == 4);
  CHECK(extra_commits({10, 1}, {10, 4}, 3) == 3);   // 13 is the nearest that it may reach
  CHECK(extra_commits({13.9, 1}, {10, 4}, 3) == 0); // it is about to come
  CHECK(extra_commits({10, 3}, {10, 4}, 12) == 4);  // 22 for both
  CHECK(extra_commits({10, 3}, {10, 4}, 2) == 1);   // 13 is 1 from 14, 16 is 2 from either
  CHECK(extra_commits({10, 1}, {10, 4}, 0) == 0);
  CHECK(extra_commits({10, 0}, {10, 4}, 12) == 0); // no interval yet
  CHECK(extra_commits({10, 1}, {10, 0}, 12) == 0);
}

TEST_CASE("DSSP: only the fastest is let beyond the lower bound, and never beyond the upper one") {
  const auto members = members_of(3);
  const auto leader = make_scheduler_policy(dssp(1, 4), members);
  for (worker_id id : {0, 1, 2})
    leader->joined(id, 0);
  leader->start(0);
  leader->reported(2, {.steps = 1, .commits = 1}, 4); // the slowest: every 4 s
  leader->reported(1, {.steps = 1, .commits = 1}, 4);
  leader->reported(0, {.steps = 2, .commits = 2}, 4);
  CHECK(leader->instruction_of(0).permitted_commits == 3);
  leader->reported(0, {.steps = 3, .commits = 3}, 5); // stopped; 8 is 3 of its seconds away
  CHECK(leader->instruction_of(0).permitted_commits == 6);
  CHECK(leader->instruction_of(1).permitted_commits == 3);
  leader->reported(0, {.steps = 5, .commits = 5}, 6);
  leader->reported(1, {.steps = 3, .commits = 3}, 6); // stopped too, but not the fastest
  CHECK(leader->instruction_of(1).permitted_commits == 3);
  leader->reported(0, {.steps = 6, .commits = 6}, 7); // all that s_U allows: 1 + 4 + 1
  CHECK(leader->instruction_of(0).permitted_commits == 6);
}

TEST_CASE("DSSP: nobody is more than s_U + 1 steps ahead of the slowest, and all go on") {
  for (unsigned seed = 0; seed < seeds; ++seed) {
    CAPTURE(seed);
    const std::uint32_t low = seed % 4;
    const std::uint32_t high = low + seed % 7;
    fake_cluster x{dssp(low, high), net_of(seed), seed};
    add_random_workers(x, 5);
    bool held = true;
    x.observe = [&] {
      auto least = unlimited;
      std::uint64_t most = 0;
      for (const auto& each : x.workers) {
        least = std::min(least, each.done.steps);
        most = std::max(most, each.done.steps);
      }
      held = held && most - least <= high + 1;
    };
    x.start();
    x.run_until(400);
    CHECK(held);
    CHECK(x.workers[0].done.steps > 30);
  }
}

TEST_CASE("DSSP: a range of one bound is SSP") {
  auto ssp = knobs_of(policy_kind::ssp);
  ssp.ssp->staleness = 2;
  CHECK(steps_beside_a_slow_one(dssp(2, 2)) == steps_beside_a_slow_one(ssp));
  CHECK(steps_beside_a_slow_one(dssp(2, 8)) > steps_beside_a_slow_one(ssp));
}
