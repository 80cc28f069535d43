// What each policy with a barrier or a bound promises, under hundreds of random schedules: step
// times, delays, repetitions, losses, joins and leaves.
#include "sync/adacomm_options.hpp"
#include "sync/adsp_options.hpp"
#include "sync/policies.hpp"
#include "sync/ssp_options.hpp"
#include "tests/sync/schedules.hpp"

#include <doctest/doctest.h>

using namespace adsp::sync;
using namespace adsp::sync::test;

namespace {

/// Steps of the present workers: the largest difference.
std::uint64_t spread(const fake_cluster& x) {
  std::uint64_t low = unlimited;
  std::uint64_t high = 0;
  for (const auto& w : x.workers)
    if (!w.gone) {
      low = std::min(low, w.done.steps);
      high = std::max(high, w.done.steps);
    }
  return high - low;
}

/// Five random workers: nobody is ever more than `bound` steps ahead of the slowest, and all go on.
void check_bound(const options& knobs, std::uint64_t bound, unsigned seed) {
  CAPTURE(seed);
  fake_cluster x{knobs, net_of(seed), seed};
  add_random_workers(x, 5);
  bool held = true;
  x.observe = [&] { held = held && spread(x) <= bound; };
  x.start();
  x.run_until(400);
  CHECK(held);
  CHECK(x.workers[0].done.steps > 30);
}

} // namespace

TEST_CASE("BSP: clocks never differ by more than one step, and all go on") {
  for (unsigned seed = 0; seed < seeds; ++seed)
    check_bound(knobs_of(policy_kind::bsp), 1, seed);
}

TEST_CASE(
    "under a barrier a round starts from the commits of all rounds before it and of none after") {
  for (const auto& policy : policies())
    for (unsigned seed = 0; policy.barrier && seed < seeds; ++seed) {
      CAPTURE(std::string{policy.name});
      CAPTURE(seed);
      auto knobs = knobs_of(policy.kind);
      knobs.local_steps = 3;
      fake_cluster x{knobs, net_of(seed), seed};
      add_random_workers(x, 5);
      x.add(0.01); // much faster than a message
      bool held = true;
      x.on_step = [&](worker_id who) {
        const auto& w = x.workers[who];
        for (auto seen : w.seen)
          held = held && seen == w.done.commits;
      };
      x.start();
      x.run_until(200);
      CHECK(held);
      CHECK(x.workers[0].done.commits > 5);
    }
}

TEST_CASE("SSP: nobody is more than s + 1 steps ahead of the slowest, and all go on") {
  for (unsigned seed = 0; seed < seeds; ++seed) {
    auto knobs = knobs_of(policy_kind::ssp);
    knobs.ssp->staleness = seed % 7;
    knobs.ssp->pull = seed % 2 == 0 ? pull_mode::every_commit : pull_mode::when_stale;
    check_bound(knobs, knobs.ssp->staleness + 1, seed);
  }
}

TEST_CASE("SSP: whoever starts a step has seen all but the last s commits of everybody") {
  for (unsigned seed = 0; seed < seeds; ++seed) {
    CAPTURE(seed);
    auto knobs = knobs_of(policy_kind::ssp);
    knobs.ssp->staleness = seed % 7;
    knobs.ssp->pull = seed % 2 == 0 ? pull_mode::every_commit : pull_mode::when_stale;
    fake_cluster x{knobs, net_of(seed), seed};
    add_random_workers(x, 5);
    bool held = true;
    x.on_step = [&](worker_id who) {
      const auto& w = x.workers[who];
      for (worker_id other = 0; other < x.workers.size(); ++other) {
        const auto seen = other < w.seen.size() ? w.seen[other] : 0;
        held = held && (other == who || seen + knobs.ssp->staleness >= w.done.commits);
      }
    };
    x.start();
    x.run_until(400);
    CHECK(held);
  }
}

TEST_CASE("TAP and ADSP: nobody ever waits") {
  for (auto kind : {policy_kind::tap, policy_kind::adsp})
    for (unsigned seed = 0; seed < seeds; ++seed) {
      CAPTURE(seed);
      auto knobs = knobs_of(kind);
      knobs.adsp->commit_rate = 3;
      knobs.adsp->overlap = seed % 2 == 0;
      fake_cluster x{knobs, net_of(seed), seed};
      add_random_workers(x, 5);
      int waits = 0;
      x.on_wait = [&](worker_id) { ++waits; };
      x.start();
      x.run_until(10); // every worker has heard that training started
      waits = 0;
      x.run_until(400);
      CHECK(waits == 0);
    }
}

TEST_CASE("ADACOMM: tau steps for everybody in a round, then all together") {
  for (unsigned seed = 0; seed < seeds; ++seed) {
    CAPTURE(seed);
    auto knobs = knobs_of(seed % 2 == 0 ? policy_kind::fixed_adacomm : policy_kind::adacomm);
    knobs.local_steps = 8;
    knobs.adacomm->adapt_interval = 50;
    fake_cluster x{knobs, net_of(seed), seed};
    add_random_workers(x, 4);
    bool held = true;
    // At equal commit counts all workers have made the same number of steps.
    std::map<std::uint64_t, std::uint64_t> steps_at;
    x.observe = [&] {
      for (const auto& w : x.workers)
        if (!w.busy) {
          const auto [i, fresh] = steps_at.emplace(w.done.commits, w.done.steps);
          held = held && (fresh || i->second == w.done.steps);
        }
      held = held && spread(x) <= 8;
    };
    x.step_loss = [&] { return 2 / (1 + x.now / 20); };
    x.start();
    x.run_until(400);
    CHECK(held);
    CHECK(x.workers[0].done.commits > 5);
    if (knobs.policy == policy_kind::adacomm)
      CHECK(x.leader->status(x.now).local_steps < 8);
    else
      CHECK(x.leader->status(x.now).local_steps == 8);
  }
}

TEST_CASE("barriers survive joins and leaves at any time") {
  for (auto kind :
       {policy_kind::bsp, policy_kind::ssp, policy_kind::fixed_adacomm, policy_kind::adacomm})
    for (unsigned seed = 0; seed < seeds; ++seed) {
      CAPTURE(seed);
      auto knobs = knobs_of(kind);
      knobs.ssp->staleness = 2;
      knobs.local_steps = 3;
      fake_cluster x{knobs, net_of(seed), seed};
      add_random_workers(x, 4);
      // Commits, of a joiner on top of the slowest one's when it came.
      std::vector<std::uint64_t> baseline(4, 0);
      const auto count = [&](std::size_t i) { return baseline[i] + x.workers[i].done.commits; };
      const auto slowest = [&] {
        auto least = unlimited;
        for (std::size_t i = 0; i < baseline.size(); ++i)
          if (!x.workers[i].gone)
            least = std::min(least, count(i));
        return least;
      };
      const std::uint64_t bound = kind == policy_kind::ssp ? knobs.ssp->staleness + 1 : 1;
      bool held = true;
      // Over a slow network nobody outside knows which counts a joiner found.
      if (seed % 3 == 0)
        x.observe = [&] {
          for (std::size_t i = 0; i < baseline.size(); ++i)
            held = held && (x.workers[i].gone || count(i) <= slowest() + bound);
        };
      x.start();
      for (worker_id i = 1; i < 4; ++i)
        x.at(100 * x.uniform(), [&, i] { x.remove(i); });
      for (int i = 0; i < 3; ++i)
        x.at(100 * x.uniform(), [&] {
          const auto least = slowest();
          x.add(0.2 + x.uniform());
          baseline.push_back(least);
        });
      x.run_until(150);
      std::vector<std::uint64_t> before;
      for (const auto& w : x.workers)
        before.push_back(w.done.steps);
      x.run_until(300);
      CHECK(held);
      for (std::size_t i = 0; i < x.workers.size(); ++i)
        if (!x.workers[i].gone)
          CHECK(x.workers[i].done.steps > before[i] + 5);
    }
}
