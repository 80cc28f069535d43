// What each policy promises, under hundreds of random schedules: step times, delays, repetitions, losses,
// joins and leaves.
#include "tests/sync/fake_cluster.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

using namespace adsp::sync;
using adsp::sync::test::fake_cluster;
using adsp::sync::test::network;

namespace {

constexpr unsigned seeds = 200;

options policy(policy_kind kind) {
  options x;
  x.policy = kind;
  x.search = search_kind::none;
  return x;
}

/// The network of a seed: perfect, slow and repeating, or losing too.
network net_of(unsigned seed) {
  if (seed % 3 == 0)
    return {};
  return {0.5, 0.2, seed % 3 == 2 ? 0.2 : 0.0};
}

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

void add_random_workers(fake_cluster& x, int count) {
  for (int i = 0; i < count; ++i)
    x.add(0.2 + 3 * x.uniform(), 0.5, 0.1 * x.uniform());
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
    check_bound(policy(policy_kind::bsp), 1, seed);
}

TEST_CASE(
    "BSP and ADACOMM: a round starts from the commits of all rounds before it and of none after") {
  for (auto kind : {policy_kind::bsp, policy_kind::fixed_adacomm})
    for (unsigned seed = 0; seed < seeds; ++seed) {
      CAPTURE(seed);
      auto knobs = policy(kind);
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
    auto knobs = policy(policy_kind::ssp);
    knobs.staleness = seed % 7;
    knobs.pull = seed % 2 == 0 ? pull_mode::every_commit : pull_mode::when_stale;
    check_bound(knobs, knobs.staleness + 1, seed);
  }
}

TEST_CASE("SSP: whoever starts a step has seen all but the last s commits of everybody") {
  for (unsigned seed = 0; seed < seeds; ++seed) {
    CAPTURE(seed);
    auto knobs = policy(policy_kind::ssp);
    knobs.staleness = seed % 7;
    knobs.pull = seed % 2 == 0 ? pull_mode::every_commit : pull_mode::when_stale;
    fake_cluster x{knobs, net_of(seed), seed};
    add_random_workers(x, 5);
    bool held = true;
    x.on_step = [&](worker_id who) {
      const auto& w = x.workers[who];
      for (worker_id other = 0; other < x.workers.size(); ++other) {
        const auto seen = other < w.seen.size() ? w.seen[other] : 0;
        held = held && (other == who || seen + knobs.staleness >= w.done.commits);
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
      auto knobs = policy(kind);
      knobs.commit_rate = 3;
      knobs.overlap = seed % 2 == 0;
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
    auto knobs = policy(seed % 2 == 0 ? policy_kind::fixed_adacomm : policy_kind::adacomm);
    knobs.local_steps = 8;
    knobs.adapt_interval = 50;
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
      CHECK(x.leader->status().local_steps < 8);
    else
      CHECK(x.leader->status().local_steps == 8);
  }
}

TEST_CASE("barriers survive joins and leaves at any time") {
  for (auto kind : {policy_kind::bsp, policy_kind::ssp, policy_kind::fixed_adacomm})
    for (unsigned seed = 0; seed < seeds; ++seed) {
      CAPTURE(seed);
      auto knobs = policy(kind);
      knobs.staleness = 2;
      knobs.local_steps = 3;
      fake_cluster x{knobs, net_of(seed), seed};
      add_random_workers(x, 4);
      x.start();
      for (worker_id i = 1; i < 4; ++i)
        x.at(100 * x.uniform(), [&, i] { x.remove(i); });
      for (int i = 0; i < 3; ++i)
        x.at(100 * x.uniform(), [&] { x.add(0.2 + x.uniform()); });
      x.run_until(150);
      std::vector<std::uint64_t> before;
      for (const auto& w : x.workers)
        before.push_back(w.done.steps);
      x.run_until(300);
      for (std::size_t i = 0; i < x.workers.size(); ++i)
        if (!x.workers[i].gone)
          CHECK(x.workers[i].done.steps > before[i] + 5);
    }
}

TEST_CASE("ADSP: commit counts stay within one of the target, steps up to 20 times apart") {
  // The timer is looked at between steps: with dC commits a period each may be late by a step, so the
  // slowest step times dC^2 must fit into the period.
  for (unsigned seed = 0; seed < seeds; ++seed) {
    CAPTURE(seed);
    auto knobs = policy(policy_kind::adsp);
    knobs.check_period = 20;
    knobs.commit_rate = 1 + seed % 4;
    knobs.overlap = seed / 2 % 2 == 0;
    fake_cluster x{knobs, {}, seed};
    for (int i = 0; i < 6; ++i)
      x.add(0.05 * (1 + 19 * x.uniform()), 0.2, 0.05 * x.uniform());
    x.start();
    if (seed % 2 == 1)
      x.at(47, [&] { x.remove(2); });
    // Half the workers are throttled for a while, as far as the period allows.
    for (worker_id i = 0; i < 3; ++i) {
      const auto before = x.workers[i].step_seconds;
      x.at(90, [&x, i] { x.workers[i].step_seconds = 1; });
      x.at(210, [&x, i, before] { x.workers[i].step_seconds = before; });
    }
    bool held = true;
    for (int check = 1; check <= 20; ++check)
      x.at(20.0 * check - 1e-6, [&, check] {
        for (const auto& w : x.workers)
          held = held && (w.gone || std::abs(static_cast<double>(w.done.commits) -
                                             check * knobs.commit_rate) <= 1);
      });
    x.run_until(401);
    CHECK(held);
  }
}

TEST_CASE("ADSP: who joins late owes nothing and keeps pace") {
  for (unsigned seed = 0; seed < seeds; ++seed) {
    CAPTURE(seed);
    auto knobs = policy(policy_kind::adsp);
    knobs.check_period = 20;
    knobs.commit_rate = 3;
    knobs.overlap = seed / 2 % 2 == 0;
    fake_cluster x{knobs, {}, seed};
    x.add(0.1);
    x.start();
    const auto joined_at = 200 * x.uniform();
    x.run_until(joined_at);
    const auto late = x.add(0.1 + 0.9 * x.uniform());
    x.run_until(400);
    const auto owed = (400 - joined_at) / 20 * 3;
    CHECK(std::abs(static_cast<double>(x.workers[late].done.commits) - owed) <= 2);
  }
}

TEST_CASE("ADSP: everybody meets every target, with joins, leaves and late messages") {
  // As above, the slowest step times dC^2 fits into the period. A worker that joined at t owes what
  // the target's course adds from t on: a fraction, where commits are whole, hence its wider bound.
  for (unsigned seed = 0; seed < seeds; ++seed) {
    CAPTURE(seed);
    auto knobs = policy(policy_kind::adsp);
    knobs.check_period = 20;
    knobs.commit_rate = seed % 5 == 0 ? 0.25 : seed % 5;
    knobs.overlap = seed / 2 % 2 == 0;
    fake_cluster x{knobs, seed % 2 == 0 ? network{} : network{0.5, 0.2, 0}, seed};
    std::vector<double> joined_at;
    const auto add = [&] {
      joined_at.push_back(x.now);
      x.add(0.05 * (1 + 19 * x.uniform()), 0.2, 0.05 * x.uniform());
    };
    for (int i = 0; i < 5; ++i)
      add();
    x.start();
    for (int i = 0; i < 3; ++i)
      x.at(30 + 150 * x.uniform(), add);
    for (worker_id i = 1; i < 4; ++i)
      x.at(10 + 300 * x.uniform(), [&, i] { x.remove(i); });
    double worst = 0;
    double worst_joiner = 0;
    for (int check = 1; check <= 20; ++check)
      x.at(20.0 * check - 1e-6, [&, check] {
        for (std::size_t i = 0; i < x.workers.size(); ++i) {
          if (x.workers[i].gone)
            continue;
          const auto owed = (check - joined_at[i] / knobs.check_period) * knobs.commit_rate;
          const auto off = std::abs(static_cast<double>(x.workers[i].done.commits) - owed);
          auto& largest = joined_at[i] > 0 ? worst_joiner : worst;
          largest = std::max(largest, off);
        }
      });
    x.run_until(401);
    CHECK(worst <= 1 + 1e-6);
    CHECK(worst_joiner <= 1.5);
  }
}

TEST_CASE("ADSP: what lost messages cost is made good") {
  // From two commits a period on: nobody is asked for fewer than one, so at a rate of one a worker
  // that made a commit too many, its report being lost, stays ahead.
  for (unsigned seed = 0; seed < seeds; ++seed) {
    CAPTURE(seed);
    auto knobs = policy(policy_kind::adsp);
    knobs.check_period = 20;
    knobs.commit_rate = 2 + seed % 3;
    knobs.overlap = seed / 2 % 2 == 0;
    fake_cluster x{knobs, {0.5, 0.2, 0.2}, seed};
    for (int i = 0; i < 5; ++i)
      x.add(0.05 * (1 + 19 * x.uniform()), 0.2, 0.05 * x.uniform());
    x.start();
    x.at(300, [&] { x.set_network({0.5, 0.2, 0}); });
    x.run_until(400 - 1e-6);
    for (const auto& w : x.workers)
      CHECK(std::abs(static_cast<double>(w.done.commits) - 20 * knobs.commit_rate) <= 1);
  }
}

TEST_CASE(
    "ADSP with a barrier around probes: nobody is inside a probe while others are before it, and "
    "all go on") {
  for (unsigned seed = 0; seed < seeds; ++seed) {
    CAPTURE(seed);
    auto knobs = policy(policy_kind::adsp);
    knobs.search = seed % 2 == 0 ? search_kind::paper : search_kind::adaptive;
    knobs.probe_barrier = true;
    knobs.overlap = seed / 2 % 2 == 0;
    knobs.check_period = 20;
    knobs.epoch = 60;
    knobs.max_commit_rate = 8;
    fake_cluster x{knobs, net_of(seed), seed};
    add_random_workers(x, 4);
    x.start();
    for (int i = 1; i < 800; ++i)
      x.at(i, [&x, i] { x.evaluated(3.0 / (1 + 0.01 * i) * (1 + 0.02 * x.uniform())); });
    x.at(100 + 100 * x.uniform(), [&] { x.remove(1); });
    x.at(100 + 100 * x.uniform(), [&] { x.add(0.3); });
    x.run_until(500);
    std::vector<std::uint64_t> before;
    for (const auto& w : x.workers)
      before.push_back(w.done.steps);
    x.run_until(800);
    for (std::size_t i = 0; i < x.workers.size(); ++i)
      if (!x.workers[i].gone)
        CHECK(x.workers[i].done.steps > before[i] + 20);
    CHECK(x.leader->status().probes > 0);
  }
}

TEST_CASE("ADSP with one rate for all asks everybody for the same") {
  auto knobs = policy(policy_kind::adsp);
  knobs.rule = commit_rule::equal;
  knobs.commit_rate = 4;
  auto leader = make_scheduler_policy(knobs);
  leader->joined(0, 0);
  leader->joined(1, 0);
  leader->start(0);
  leader->reported(0, {.steps = 10, .commits = 9}, 30);
  leader->tick(60);
  CHECK(leader->instruction_of(0).commits_due == 4);
  CHECK(leader->instruction_of(1).commits_due == 4);
}

TEST_CASE(
    "ADSP's comfortable rate leaves half of the time, and nine tenths where the exchange blocks") {
  for (bool overlap : {false, true}) {
    auto knobs = policy(policy_kind::adsp);
    knobs.search = search_kind::adaptive;
    knobs.overlap = overlap;
    knobs.check_period = 60;
    const auto leader = make_scheduler_policy(knobs);
    leader->joined(0, 0);
    leader->joined(1, 0);
    leader->start(0);
    leader->reported(0, {.steps = 10, .commits = 1, .compute = 5, .exchange = 2}, 10);
    leader->reported(1, {.steps = 10, .commits = 1, .compute = 10, .exchange = 4}, 20);
    CHECK(leader->status().commit_rate == doctest::Approx(overlap ? 60.0 / 10 : 60.0 / 40));
  }
}
