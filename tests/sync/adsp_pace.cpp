// How ADSP's search follows devices that change: nobody waits, the rate goes with the slowest, and
// who has fallen behind catches up.
#include "tests/sync/members.hpp"
#include "tests/sync/schedules.hpp"

#include "sync/adsp_options.hpp"
#include "sync/timed_worker.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace adsp::sync;
using namespace adsp::sync::test;

namespace {

/// Falling, with noise: the search has something to go by.
void evaluate_every(fake_cluster& x, double interval, double until) {
  for (double t = interval; t < until; t += interval)
    x.at(t, [&x, t] { x.evaluated(3.0 / (1 + 0.01 * t) * (1 + 0.01 * x.uniform())); });
}

options searching(search_kind search) {
  auto x = knobs_of(policy_kind::adsp);
  x.adsp->search = search;
  x.check_period = 20;
  x.adsp->epoch = 100;
  return x;
}

} // namespace

TEST_CASE(
    "ADSP: nobody ever waits, whatever the search, with throttling, joins, leaves and losses") {
  for (auto search : {search_kind::none, search_kind::paper, search_kind::adaptive})
    for (unsigned seed = 0; seed < seeds; ++seed) {
      CAPTURE(seed);
      auto knobs = searching(search);
      knobs.adsp->overlap = seed % 2 == 0;
      fake_cluster x{knobs, net_of(seed), seed};
      add_random_workers(x, 5);
      bool waited = false;
      x.on_wait = [&](worker_id who) { waited = waited || x.workers[who].done.steps > 0; };
      x.start();
      evaluate_every(x, 2, 400);
      x.at(100, [&] { x.workers[0].step_seconds *= 10; });
      x.at(200, [&] { x.workers[0].step_seconds /= 10; });
      x.at(300 * x.uniform(), [&] { x.remove(1); });
      x.at(300 * x.uniform(), [&] { x.add(0.2 + 5 * x.uniform()); });
      x.run_until(400);
      CHECK_FALSE(waited);
      for (const auto& each : x.workers)
        CHECK((each.gone || each.done.steps > 10));
    }
}

TEST_CASE("ADSP's adaptive rate follows the slowest device, and who has fallen behind catches up") {
  for (unsigned seed = 0; seed < seeds; ++seed) {
    CAPTURE(seed);
    auto knobs = searching(search_kind::adaptive);
    knobs.adsp->epoch = 1e6; // one search, which has nothing to go by: the pace alone decides
    fake_cluster x{knobs, {}, seed};
    for (int i = 0; i < 4; ++i)
      x.add(0.1 + 0.2 * x.uniform(), 0.1, 0.1);
    x.start();
    x.run_until(99);
    const auto fast = x.leader->status(x.now).commit_rate;
    CHECK(fast > 20); // a commit in at most 2 (0.3 + 0.1) s is comfortable for all
    const auto before = x.workers[0].step_seconds;
    x.workers[0].step_seconds = 10 * before;
    x.run_until(160); // it may end the period under way as it began
    CHECK(x.leader->status(x.now).commit_rate < 1.5 * 20 / (2 * 10 * before));
    x.workers[0].step_seconds = before;
    x.run_until(400);
    CHECK(x.leader->status(x.now).commit_rate > fast / 2);
    x.add(4);
    x.run_until(500);
    CHECK(x.leader->status(x.now).commit_rate < 1.5 * 20 / (2 * 4.0));
    x.run_until(1200);
    for (worker_id i = 0; i < 4; ++i)
      CHECK(std::abs(static_cast<double>(x.workers[i].done.commits) -
                     static_cast<double>(x.workers[1].done.commits)) <= 2);
  }
}

TEST_CASE("ADSP counts the commits it has asked for, also in a period whose rate changes") {
  auto knobs = searching(search_kind::paper);
  knobs.adsp->probe_window = 30;
  const auto members = members_of(1);
  const auto leader = make_scheduler_policy(knobs, members);
  leader->joined(0, 0);
  leader->start(0);
  CHECK(leader->commits_asked(10) == doctest::Approx(0.5)); // one a period of 20
  leader->evaluated(0, 3, 0);
  leader->evaluated(15, 2.5, 15);
  leader->tick(20);
  leader->evaluated(30, 2, 30); // the end of the first probe: two a period from here
  CHECK(leader->status(0).commit_rate == 2);
  CHECK(leader->commits_asked(30) == doctest::Approx(1.5));
  CHECK(leader->commits_asked(40) == doctest::Approx(2.5));
}

TEST_CASE("an exchange blocks once the job has returned to an earlier state") {
  timed_worker x{10, true};
  x.instruct({1, unlimited, 1, 5}, 0);
  CHECK(x.trains_during_commit());
  x.instruct({2, unlimited, 1, 5, 1}, 1);
  CHECK_FALSE(x.trains_during_commit());

  auto knobs = searching(search_kind::adaptive);
  const auto members = members_of(1);
  const auto leader = make_scheduler_policy(knobs, members);
  leader->joined(0, 0);
  leader->start(0);
  const auto before = leader->instruction_of(0).revision;
  leader->restored(5);
  CHECK(leader->instruction_of(0).revision > before); // or the worker would not look at it
  leader->reported(0, {.steps = 10, .commits = 1, .compute = 5, .exchange = 2}, 10);
  CHECK(leader->status(0).commit_rate ==
        doctest::Approx(20.0 / 20)); // nine tenths of the time are left
}
