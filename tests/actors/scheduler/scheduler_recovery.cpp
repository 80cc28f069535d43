// The scheduler keeps good states and returns to them when the loss diverges.
#include "sync/adsp_options.hpp"
#include "tests/actors/scheduler/scheduler_neighbours.hpp"

#include <limits>

using namespace adsp;
using fixture = test::scheduler_fixture;
using test::two_workers;

namespace {

constexpr auto nan = std::numeric_limits<double>::quiet_NaN();

} // namespace

TEST_CASE_FIXTURE(fixture, "what a good evaluation saw is kept, what a doubtful one saw is not") {
  seen->losses = {1.0, 0.9, 1.5, 0.9, 0.8};
  start_with_both(two_workers());
  CHECK(seen->kept == 1);
  world.advance(0.6);
  CHECK(seen->kept == 2);
  world.advance(0.5); // 1.5
  CHECK(seen->evaluations.size() == 3);
  CHECK(seen->kept == 2);
  world.advance(1);
  CHECK(seen->kept == 4);
  CHECK(seen->restored.empty());
}

TEST_CASE_FIXTURE(fixture, "ADSP returns from a loss that stays far above the best") {
  seen->losses = {1.0, 100.0, 100.0, 100.0, 1.0};
  start_with_both(two_workers(sync::policy_kind::adsp));
  world.advance(1.1);
  CHECK(seen->restored.empty());
  CHECK(seen->rates.back().eta == 1);
  const auto revision = seen->rates.back().revision;
  seen->instructions.clear();
  world.advance(0.5);
  CHECK(seen->restored == std::vector<std::uint32_t>{1});
  CHECK(seen->rates.back().eta == 0.5);
  CHECK(seen->rates.back().revision > revision);
  REQUIRE(seen->instructions.size() == 2);
  for (const auto& x : seen->instructions)
    CHECK(x.generation == 1);
  const auto answer = world.ask<sync::instruction>(boss, report{0, {1, 1, 0, 1, 0, 0, 0}});
  REQUIRE(answer);
  CHECK(answer->generation == 1);
  world.advance(2);
  CHECK(seen->restored.size() == 1);
}

TEST_CASE_FIXTURE(fixture, "nobody returns from a loss that rises while as much is right as ever") {
  seen->losses = {1.0, 3.0};
  seen->accuracy = 0.1;
  start_with_both(two_workers(sync::policy_kind::adsp));
  seen->accuracy = 0.5;
  world.advance(5);
  CHECK(seen->restored.empty());
  seen->accuracy = 0.2;
  world.advance(1.6);
  CHECK(seen->restored == std::vector<std::uint32_t>{1});
}

TEST_CASE_FIXTURE(fixture,
                  "whoever joins after a return is told the generation and a halved rate") {
  auto plan = two_workers(sync::policy_kind::adsp);
  plan.workers[1].join = 3;
  seen->losses = {1.0, nan, 1.0};
  start(plan);
  REQUIRE(join_as("a"));
  world.advance(3);
  REQUIRE(seen->restored.size() == 1);
  CHECK(seen->rates.back().eta == 0.5);
  const auto answer = join_as("b");
  REQUIRE(answer);
  CHECK(answer->instruction.generation == 1);
  CHECK(seen->rates.back().eta == 0.5);
}

TEST_CASE_FIXTURE(fixture, "a loss that is no number after five returns in a row ends the job") {
  seen->losses = {1.0, nan};
  start_with_both(two_workers(sync::policy_kind::adsp));
  world.advance(2.6);
  CHECK(seen->restored == std::vector<std::uint32_t>{1, 2, 3, 4, 5});
  CHECK(seen->rates.back().eta == 1.0 / 32);
  seen->losses = {nan, 0.7}; // the last good state, at the end
  const auto result = result_within(1);
  REQUIRE(result);
  CHECK(result->reason == end_reason::failed);
  CHECK(result->text.find("diverged") != std::string::npos);
  CHECK(result->rollbacks == 5);
  CHECK(seen->restored.back() == 6);
  CHECK(seen->restored_at_pull == 6);
  CHECK(result->last.loss == 0.7);
  CHECK(result->parameters.size() == 1);
}

TEST_CASE_FIXTURE(fixture, "the restored state's own evaluation gives the job no new chances") {
  seen->losses = {1.0};
  for (int i = 0; i < 20; ++i)
    seen->losses.insert(seen->losses.end(), {nan, 1.0, 1.0});
  start_with_both(two_workers(sync::policy_kind::adsp));
  const auto result = result_within(30);
  REQUIRE(result);
  CHECK(result->reason == end_reason::failed);
  CHECK(result->rollbacks == 5);
}

TEST_CASE_FIXTURE(fixture,
                  "however often a job returns, the server's rate stays above 1/64 of it") {
  seen->losses.clear();
  for (int i = 0; i < 20; ++i)
    seen->losses.insert(seen->losses.end(), {1.0 - 0.01 * i, nan});
  seen->losses.push_back(0.5);
  start_with_both(two_workers(sync::policy_kind::adsp));
  world.advance(30);
  CHECK(seen->restored.size() == 20);
  CHECK(seen->rates.back().eta == 1.0 / 64);
}

TEST_CASE_FIXTURE(fixture, "a new best between returns gives the job all its chances again") {
  seen->losses = {1.0, nan, nan, nan, nan, nan, 0.9, nan, nan, nan, nan, nan, 0.9};
  start_with_both(two_workers(sync::policy_kind::adsp));
  world.advance(10.1);
  CHECK(seen->restored.size() == 10);
  const auto status = world.ask<job_status>(boss, status_atom::value);
  REQUIRE(status);
  CHECK_FALSE(status->ended);
}

TEST_CASE_FIXTURE(fixture,
                  "a loss that stays high after every return ends the job at its last good state") {
  seen->losses = {1.0, 100.0};
  start_with_both(two_workers(sync::policy_kind::adsp));
  const auto result = result_within(30);
  REQUIRE(result);
  CHECK(result->reason == end_reason::failed);
  CHECK(result->text.find("diverged: the loss is 100") != std::string::npos);
  CHECK(result->rollbacks == 5);
  CHECK(seen->restored == std::vector<std::uint32_t>{1, 2, 3, 4, 5, 6});
}

TEST_CASE_FIXTURE(fixture,
                  "without returns a loss that is no number ends the job at its best state") {
  auto policy = sync::policy_kind::bsp;
  SUBCASE("bsp") {}
  SUBCASE("adsp without rollback") {
    policy = sync::policy_kind::adsp;
  }
  auto plan = two_workers(policy);
  plan.sync.adsp->rollback = policy == sync::policy_kind::bsp; // bsp has none whatever it says
  seen->losses = {1.0, nan, 0.7};
  start_with_both(plan);
  const auto result = result_within(0.6);
  REQUIRE(result);
  CHECK(result->reason == end_reason::failed);
  CHECK(result->text.find("diverged") != std::string::npos);
  CHECK(result->rollbacks == 0);
  CHECK(seen->restored == std::vector<std::uint32_t>{1});
  CHECK(seen->restored_at_pull == 1);
  CHECK(result->last.loss == 0.7);
}
