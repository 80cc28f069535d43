// Whole topologies in virtual time whose server moves once a round.
#include "tests/integration/virtual_cluster.hpp"

#include "sync/adsp_options.hpp"
#include "sync/round_options.hpp"

#include <algorithm>

using namespace adsp;
using fixture = test::virtual_cluster;

namespace {

job by_rounds(const std::vector<double>& step_seconds, double length = 0) {
  auto plan = test::tiny_job(sync::policy_kind::adsp, step_seconds);
  plan.sync.adsp->step = sync::server_step::round;
  plan.sync.rounds->length = length;
  plan.sync.rounds->grace = length * 0.6; // longer than a step and half an exchange
  for (auto& group : plan.workers) {
    group.latency = 0.03;
    group.jitter = 0.2;
  }
  return plan;
}

} // namespace

TEST_CASE_FIXTURE(fixture, "by rounds the model is learnt, nobody waits, and counts are equal") {
  for (const double length : {0.0, 1.0}) { // measured, given
    CAPTURE(length);
    auto plan = by_rounds({0.1, 0.2, 0.4}, length);
    plan.max_time = 40;
    start(plan, test::tiny_data());
    const auto result = result_within(41);
    REQUIRE(result);
    CHECK(result->last.loss < 0.3);
    CHECK(result->last.accuracy > 0.9);
    std::uint64_t fewest = 1000;
    std::uint64_t most = 0;
    for (const auto& each : result->workers) {
      CHECK(each.progress.wait == 0);
      fewest = std::min(fewest, each.progress.commits);
      most = std::max(most, each.progress.commits);
    }
    CHECK(fewest > 20);
    if (length > 0)
      CHECK(most - fewest <= 1);
  }
}

TEST_CASE_FIXTURE(fixture, "by rounds the time that a commit is held is no part of an exchange") {
  auto plan = by_rounds({0.1, 0.1}, 4);
  for (auto& group : plan.workers)
    group.jitter = 0;
  plan.max_time = 43;
  start(plan, test::tiny_data());
  const auto result = result_within(44);
  REQUIRE(result);
  for (const auto& each : result->workers) {
    REQUIRE(each.progress.commits == 10);
    // Two latencies; the grace is 2.4 s.
    CHECK(each.progress.exchange == doctest::Approx(10 * 2 * 0.03).epsilon(0.01));
  }
}

TEST_CASE_FIXTURE(fixture, "by rounds a worker killed at any moment stops nobody") {
  for (const double when : {0.05, 1.0, 1.1, 1.2, 3.37}) {
    CAPTURE(when);
    auto plan = by_rounds({0.1, 0.2, 0.4}, 1);
    plan.max_time = 30;
    start(plan, test::tiny_data());
    world.advance(when);
    caf::anon_send_exit(all.workers[2], caf::exit_reason::kill);
    const auto result = result_within(31);
    REQUIRE(result);
    CHECK(result->reason == end_reason::max_time);
    CHECK(result->workers[2].left);
    CHECK(result->workers[0].progress.commits >= 28);
    CHECK(result->workers[1].progress.commits >= 28);
  }
}

TEST_CASE_FIXTURE(fixture, "by rounds the same job and seed give the same parameters") {
  std::vector<std::vector<parameter_block>> ends;
  for (const std::uint64_t seed : {1, 1, 2}) {
    auto plan = by_rounds({0.1, 0.23, 0.4});
    plan.max_time = 20;
    plan.seed = seed;
    start(plan, test::tiny_data());
    const auto result = result_within(21);
    REQUIRE(result);
    ends.push_back(result->parameters);
  }
  CHECK(ends[0] == ends[1]);
  CHECK_FALSE(ends[0] == ends[2]);
}
