// The rules of a job's course one by one: targets, good states, searches, limits.
#include "sync/adacomm_policy.hpp"
#include "sync/adsp_options.hpp"
#include "sync/adsp_policy.hpp"
#include "sync/divergence.hpp"
#include "sync/step_limit.hpp"
#include "sync/stop_rule.hpp"
#include "tests/sync/members.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <random>

using namespace adsp::sync;

namespace {

/// Where numbers are predicted.
const double no_accuracy = std::nan("");

} // namespace

TEST_CASE("the target is a mean over consecutive evaluations") {
  stop_rule rule{{0.5, 0, 2}};
  CHECK_FALSE(rule.evaluated(1, 0.1, 0));
  CHECK_FALSE(rule.evaluated(2, 1.0, 0));
  CHECK_FALSE(rule.evaluated(3, 0.2, 0));
  CHECK(rule.evaluated(4, 0.8, 0));
  CHECK(rule.time_to_target() == 4);
  CHECK_FALSE(rule.evaluated(5, 0.1, 0)); // once
  stop_rule accuracy{{0, 0.9, 1}};
  CHECK_FALSE(accuracy.evaluated(1, 0, 0.89));
  CHECK(accuracy.evaluated(2, 0, 0.9));
  stop_rule nothing{{0, 0, 1}};
  CHECK_FALSE(nothing.evaluated(1, 0, 1));
  stop_rule no_window{{0.5, 0, 0}};
  CHECK(no_window.evaluated(1, 0.4, 0));
  stop_rule hopeless{{0.5, 0, 1}};
  CHECK_FALSE(hopeless.evaluated(1, std::nan(""), 1));
}

TEST_CASE("a state is good while the loss falls, and lost when it stays far above the best") {
  divergence_guard guard;
  for (double loss : {2.0, 1.5, 1.2, 1.0, 0.9})
    CHECK(guard.evaluated(loss, no_accuracy) == health::good);
  CHECK(guard.evaluated(1.6, no_accuracy) == health::doubtful);
  CHECK(guard.evaluated(0.9, no_accuracy) == health::good);
  CHECK(guard.evaluated(3, no_accuracy) == health::doubtful);
  CHECK(guard.evaluated(3, no_accuracy) == health::doubtful);
  CHECK(guard.evaluated(3, no_accuracy) == health::diverged);
  guard.restored();
  CHECK(guard.evaluated(0.9, no_accuracy) == health::good);
  CHECK(guard.evaluated(std::nan(""), no_accuracy) == health::lost);
  CHECK(guard.evaluated(2001, no_accuracy) == health::lost);
  // Creeping up is a divergence too.
  divergence_guard slow;
  auto worst = health::good;
  for (double loss = 1; loss < 4; loss *= 1.02)
    worst = std::max(worst, slow.evaluated(loss, no_accuracy));
  CHECK(worst == health::diverged);
}

TEST_CASE(
    "five returns without a new best are too many, and the rate is halved six times at most") {
  divergence_guard guard;
  double loss = 2;
  for (int returns = 1; returns <= 20; ++returns) {
    guard.evaluated(loss, no_accuracy);
    CHECK(guard.may_return() == (returns <= 5));
    guard.restored();
    CHECK(guard.rate_factor() == std::ldexp(1.0, -std::min(returns, 6)));
  }
  guard.evaluated(1.999, no_accuracy);
  CHECK(guard.may_return());
}

TEST_CASE("noise around a floor near zero is no divergence") {
  for (unsigned seed = 0; seed < 200; ++seed) {
    CAPTURE(seed);
    std::mt19937 random{seed};
    std::normal_distribution<> noise{0, 1};
    divergence_guard guard;
    auto worst = health::good;
    for (int i = 0; i < 1000; ++i) {
      const auto z = noise(random);
      worst = std::max(worst, guard.evaluated(4 * std::exp(-0.1 * i) + 0.001 * z * z, no_accuracy));
    }
    CHECK(worst <= health::doubtful);
  }
}

TEST_CASE("a loss that rises while as much is right as ever is no divergence") {
  divergence_guard guard;
  double loss = 2;
  double accuracy = 0.1;
  for (; loss > 0.5; loss -= 0.1, accuracy += 0.05)
    CHECK(guard.evaluated(loss, accuracy) == health::good);
  // Learnt by heart: what it says goes on as well as before.
  auto worst = health::good;
  for (; loss < 4; loss *= 1.02)
    worst = std::max(worst, guard.evaluated(loss, accuracy));
  CHECK(worst == health::good);
  // One tenth of what had been gained is lost.
  for (auto expected : {health::doubtful, health::doubtful, health::diverged})
    CHECK(guard.evaluated(loss, accuracy - 0.1) == expected);
  CHECK(guard.evaluated(5000, accuracy) == health::lost);
  // An accuracy that has hardly risen says nothing: at first it was right a little less often than a
  // guess is.
  for (double begin : {0.1, 0.0928}) {
    divergence_guard flat;
    flat.evaluated(1, begin);
    for (auto expected : {health::doubtful, health::doubtful, health::diverged})
      CHECK(flat.evaluated(3, 0.1) == expected);
  }
}

TEST_CASE("a loss that rises after a search starts another one at the next checkpoint") {
  options knobs;
  knobs.check_period = 10;
  knobs.adsp->epoch = 1e6;
  knobs.adsp->reference_loss = 0.2;
  knobs.adsp->search = search_kind::paper;
  knobs.adsp->reward = reward_kind::curve;
  const auto members = test::members_of(1);
  adsp_policy policy{members, knobs.check_period, *knobs.adsp};
  policy.joined(0, 0);
  policy.evaluated(0, 4.0, 0);
  policy.start(0);
  double now = 0;
  while (policy.status(0).searching) {
    REQUIRE(now < 1000);
    now += 1;
    policy.evaluated(now, 1 / (0.25 + 0.01 * now), now);
    policy.tick(now);
  }
  const auto probes = policy.status(0).probes;
  const auto low = 1 / (0.25 + 0.01 * now);
  policy.evaluated(now + 1, 1.5 * low, now + 1);
  CHECK_FALSE(policy.status(0).searching);
  policy.tick(now + 10);
  CHECK(policy.status(0).searching);
  CHECK(policy.status(0).probes == probes);
}

TEST_CASE("the time of a search has the barriers between and after its probes") {
  options knobs;
  knobs.check_period = 10;
  knobs.adsp->search = search_kind::paper;
  knobs.adsp->reward = reward_kind::curve;
  knobs.adsp->reference_loss = 0.2;
  knobs.adsp->probe_barrier = true;
  const auto members = test::members_of(1);
  adsp_policy policy{members, knobs.check_period, *knobs.adsp};
  policy.joined(0, 0);
  policy.start(0); // nobody has anything to commit yet: no barrier before the first probe
  std::uint64_t commits = 0;
  for (double now = 1; now <= 40; ++now) {
    policy.evaluated(now, 1, now);
    if (now == 5 || now == 12) // in a probe, and in the barrier after it
      CHECK(policy.status(now).search_time == now);
    if (now == 13 || now == 27) // 3 s after the first probe's end, 4 s after the second's
      policy.reported(0, {.steps = 1, .commits = ++commits}, now);
  }
  CHECK(policy.status(0).probes == 2);
  CHECK(policy.status(40).search_time == 10 + 3 + 10 + 4);
}

TEST_CASE("a probe begins anew when the job returns to an earlier state") {
  options knobs;
  knobs.check_period = 10;
  knobs.adsp->reference_loss = 0.2;
  knobs.adsp->search = search_kind::paper;
  const auto members = test::members_of(1);
  adsp_policy policy{members, knobs.check_period, *knobs.adsp};
  policy.joined(0, 0);
  policy.start(0);
  for (double now = 1; now <= 16; ++now) {
    policy.evaluated(now, 1, now);
    if (now == 6)
      policy.restored(now);
    CHECK(policy.status(0).probes == (now < 16 ? 0 : 1));
  }
}

TEST_CASE("a loss that falls back with the state is no alarm") {
  options knobs;
  knobs.check_period = 10;
  knobs.adsp->epoch = 1e6;
  knobs.adsp->search = search_kind::adaptive;
  const auto members = test::members_of(1);
  adsp_policy policy{members, knobs.check_period, *knobs.adsp};
  policy.joined(0, 0);
  policy.start(0);
  for (double now = 1; now <= 200; ++now) { // until both directions have failed
    policy.evaluated(now, 1, now);
    policy.tick(now);
  }
  const auto probes = policy.status(0).probes;
  policy.evaluated(201, 100, 201);
  policy.restored(201);
  policy.tick(210);
  CHECK_FALSE(policy.status(0).searching);
  CHECK(policy.status(0).probes == probes);
}

TEST_CASE(
    "the limit of steps is found in few questions, whatever the speed and however it changes") {
  for (double speed : {0.01, 1.0, 20.0, 1e6})
    for (std::uint64_t limit : {1, 100, 100'000}) {
      CAPTURE(speed);
      CAPTURE(limit);
      const auto steps_at = [&](double now) { // faster by half from the middle on
        const auto half = static_cast<double>(limit) / speed / 2;
        return static_cast<std::uint64_t>(speed * (now + std::max(0.0, now - half) / 2));
      };
      step_limit rule{limit};
      rule.start();
      int questions = 0;
      while (true) {
        const auto now = rule.next();
        REQUIRE(++questions < 100);
        if (rule.reached(steps_at(now), 4)) {
          CHECK(static_cast<double>(steps_at(now)) <=
                static_cast<double>(limit + 4) + 2 + 0.002 * speed);
          break;
        }
        rule.counted(steps_at(now), 4, now);
      }
    }
  step_limit none{0};
  none.start();
  none.counted(1000, 1, 5);
  CHECK(none.next() == never);
  CHECK_FALSE(none.reached(1000, 1));
}

TEST_CASE("ADACOMM goes on adapting after a worker has reported a loss that is not finite") {
  std::vector<bool> finite; // the first rounds' losses of one worker
  SUBCASE("in the first round, and finite ones then") {
    finite = {false, true};
  }
  SUBCASE("in a later round, and finite ones then") {
    finite = {true, false};
  }
  SUBCASE("and no finite one ever again") {
    finite = {false, false};
  }
  for (const double bad : {std::nan(""), HUGE_VAL, -HUGE_VAL}) {
    CAPTURE(bad);
    const auto members = test::members_of(3);
    adacomm_policy policy{members, 16, 10};
    for (worker_id who : {0, 1, 2})
      policy.joined(who, 0);
    policy.start(0);
    const auto round = [&](std::uint64_t number, bool sound) {
      const progress usual{.steps = 16 * number,
                           .commits = number,
                           .loss_sum = 16 * (4 + 0.04 * static_cast<double>(number - 1))};
      auto first = usual;
      if (!sound)
        first.loss_sum = bad;
      policy.reported(0, first, 0);
      policy.reported(1, usual, 0);
      policy.reported(2, usual, 0);
    };
    round(1, finite[0]);
    round(2, finite[1]);
    policy.tick(10);
    round(3, true);
    policy.tick(20);
    round(4, true);
    CHECK(policy.status(0).local_steps < 16);
  }
}
