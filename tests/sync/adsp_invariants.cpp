// What ADSP promises, under hundreds of random schedules: nobody waits, and everybody's commits
// keep to the target through jitter, throttling, joins, leaves and late messages.
#include "sync/adsp_options.hpp"
#include "tests/sync/members.hpp"
#include "tests/sync/schedules.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace adsp::sync;
using namespace adsp::sync::test;

TEST_CASE("ADSP: commit counts stay within one of the target, steps up to 20 times apart") {
  // The timer is looked at between steps: with dC commits a period each may be late by a step, so
  // the slowest step times dC^2 must fit into the period.
  for (unsigned seed = 0; seed < seeds; ++seed) {
    CAPTURE(seed);
    auto knobs = knobs_of(policy_kind::adsp);
    knobs.check_period = 20;
    knobs.adsp->commit_rate = 1 + seed % 4;
    knobs.adsp->overlap = seed / 2 % 2 == 0;
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
                                             check * knobs.adsp->commit_rate) <= 1);
      });
    x.run_until(401);
    CHECK(held);
  }
}

TEST_CASE("ADSP: who joins late owes nothing and keeps pace") {
  for (unsigned seed = 0; seed < seeds; ++seed) {
    CAPTURE(seed);
    auto knobs = knobs_of(policy_kind::adsp);
    knobs.check_period = 20;
    knobs.adsp->commit_rate = 3;
    knobs.adsp->overlap = seed / 2 % 2 == 0;
    fake_cluster x{knobs, {}, seed};
    x.add(0.1);
    x.start();
    const auto joined_at = 200 * x.uniform();
    x.run_until(joined_at);
    const auto late = x.add(0.1 + 0.9 * x.uniform());
    x.run_until(400);
    // Whole commits against a fraction owed: hence half of one more than the one allowed.
    const auto owed = (400 - joined_at) / 20 * 3;
    CHECK(std::abs(static_cast<double>(x.workers[late].done.commits) - owed) <= 1.5);
  }
}

TEST_CASE("ADSP: everybody meets every target, with joins, leaves and late messages") {
  // As above, the slowest step times dC^2 fits into the period. A worker that joined at t owes what
  // the target's course adds from t on: a fraction, where commits are whole, hence its wider bound.
  for (unsigned seed = 0; seed < seeds; ++seed) {
    CAPTURE(seed);
    auto knobs = knobs_of(policy_kind::adsp);
    knobs.check_period = 20;
    knobs.adsp->commit_rate = seed % 5 == 0 ? 0.25 : seed % 5;
    knobs.adsp->overlap = seed / 2 % 2 == 0;
    fake_cluster x{knobs, seed % 2 == 0 ? weather{} : weather{0.5, 0.2, 0}, seed};
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
          const auto owed = (check - joined_at[i] / knobs.check_period) * knobs.adsp->commit_rate;
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
    auto knobs = knobs_of(policy_kind::adsp);
    knobs.check_period = 20;
    knobs.adsp->commit_rate = 2 + seed % 3;
    knobs.adsp->overlap = seed / 2 % 2 == 0;
    fake_cluster x{knobs, {0.5, 0.2, 0.2}, seed};
    for (int i = 0; i < 5; ++i)
      x.add(0.05 * (1 + 19 * x.uniform()), 0.2, 0.05 * x.uniform());
    x.start();
    x.at(300, [&] { x.outside = {0.5, 0.2, 0}; });
    x.run_until(400 - 1e-6);
    for (const auto& w : x.workers)
      CHECK(std::abs(static_cast<double>(w.done.commits) - 20 * knobs.adsp->commit_rate) <= 1);
  }
}

TEST_CASE("ADSP with a barrier around probes: nobody passes it before everybody has come, and all "
          "go on") {
  for (unsigned seed = 0; seed < seeds; ++seed) {
    CAPTURE(seed);
    auto knobs = knobs_of(policy_kind::adsp);
    knobs.adsp->search = seed % 2 == 0 ? search_kind::paper : search_kind::adaptive;
    knobs.adsp->probe_barrier = true;
    knobs.adsp->overlap = seed / 2 % 2 == 0;
    knobs.check_period = 20;
    knobs.adsp->epoch = 60;
    fake_cluster x{knobs, net_of(seed), seed};
    add_random_workers(x, 4);
    x.start();
    for (int i = 1; i < 800; ++i)
      x.at(i, [&x, i] { x.evaluated(3.0 / (1 + 0.01 * i) * (1 + 0.02 * x.uniform())); });
    x.at(100 + 100 * x.uniform(), [&] { x.remove(1); });
    x.at(100 + 100 * x.uniform(), [&] { x.add(0.3); });
    // While the barrier stands everybody has a count to wait at; when it falls, all are there.
    std::map<worker_id, std::uint64_t> wait_at;
    bool held = true;
    int barriers = 0;
    x.observe = [&] {
      std::map<worker_id, std::uint64_t> now;
      for (worker_id i = 0; i < x.workers.size(); ++i)
        if (const auto n = x.leader->instruction_of(i).permitted_commits;
            !x.workers[i].gone && n != unlimited)
          now[i] = n;
      if (now.empty() && !wait_at.empty()) {
        ++barriers;
        for (const auto& [i, n] : wait_at)
          held = held && (x.workers[i].gone || x.workers[i].done.commits >= n);
      }
      wait_at = now;
    };
    x.run_until(500);
    std::vector<std::uint64_t> before;
    for (const auto& w : x.workers)
      before.push_back(w.done.steps);
    x.run_until(800);
    for (std::size_t i = 0; i < x.workers.size(); ++i)
      if (!x.workers[i].gone)
        CHECK(x.workers[i].done.steps > before[i] + 20);
    CHECK(held);
    CHECK(barriers > 1);
    CHECK(x.leader->status(x.now).probes > 0);
  }
}

TEST_CASE("ADSP with one rate for all asks everybody for the same") {
  auto knobs = knobs_of(policy_kind::adsp);
  knobs.adsp->rule = commit_share::equal;
  knobs.adsp->commit_rate = 4;
  const auto members = members_of(2);
  auto leader = make_scheduler_policy(knobs, members);
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
    auto knobs = knobs_of(policy_kind::adsp);
    knobs.adsp->search = search_kind::adaptive;
    knobs.adsp->overlap = overlap;
    knobs.check_period = 60;
    const auto members = members_of(2);
    const auto leader = make_scheduler_policy(knobs, members);
    leader->joined(0, 0);
    leader->joined(1, 0);
    leader->start(0);
    leader->reported(0, {.steps = 10, .commits = 1, .compute = 5, .exchange = 2}, 10);
    leader->reported(1, {.steps = 10, .commits = 1, .compute = 10, .exchange = 4}, 20);
    CHECK(leader->status(0).commit_rate == doctest::Approx(overlap ? 60.0 / 10 : 60.0 / 40));
  }
}
