// Workers that join late, that all leave, and that are many.
#include "tests/actors/scheduler/scheduler_neighbours.hpp"

using namespace adsp;
using fixture = test::scheduler_fixture;
using test::two_workers;

TEST_CASE_FIXTURE(fixture, "training does not wait for workers that join later") {
  auto plan = two_workers();
  plan.workers[1].join = 5;
  start(plan);
  REQUIRE(join_as("a"));
  REQUIRE(seen->instructions.size() == 1);
  CHECK(seen->instructions[0].permitted_commits == 1);
  CHECK(seen->rates.back().eta == 1);
  world.advance(5);
  const auto late = join_as("b");
  REQUIRE(late);
  CHECK(late->instruction.permitted_commits >= 1);
  CHECK(seen->rates.back().eta == 0.5);
}

TEST_CASE_FIXTURE(fixture, "a job that all have left goes on while others are to come") {
  auto plan = two_workers();
  plan.workers[1].join = 5;
  start(plan);
  REQUIRE(join_as("a"));
  world.advance(2);
  caf::anon_send_exit(crew[0], caf::exit_reason::kill);
  world.advance(3);
  auto status = world.ask<job_status>(boss, status_atom::value);
  REQUIRE(status);
  CHECK_FALSE(status->ended);
  CHECK(status->workers == 0);
  const auto late = join_as("b");
  REQUIRE(late);
  CHECK(late->instruction.permitted_commits >= 1);
  caf::anon_send_exit(crew[1], caf::exit_reason::kill);
  const auto result = result_within(1);
  REQUIRE(result);
  CHECK(result->reason == end_reason::failed);
  CHECK(result->text.find("every worker") != std::string::npos);
  REQUIRE(result->workers.size() == 2);
  CHECK(result->workers[0].lifetime == doctest::Approx(2));
  CHECK(result->workers[1].lifetime == doctest::Approx(0));
}

TEST_CASE_FIXTURE(fixture, "however many workers there are, all are asked for their counts") {
  constexpr std::size_t many = 200;
  auto plan = test::tiny_job(sync::policy_kind::tap, {1});
  plan.workers[0].count = many;
  plan.max_time = 21;
  start(plan);
  for (std::size_t i = 0; i < many; ++i)
    REQUIRE(join_as(std::to_string(i)));
  SUBCASE("all answer") {
    world.advance(4.1);
    REQUIRE(seen->rows.size() == many);
    for (std::size_t i = 0; i < many; ++i) {
      CHECK(seen->rows[i].worker == i);
      CHECK(seen->rows[i].progress.steps == 5);
    }
  }
  SUBCASE("none answers: the rows show what is known") {
    seen->mute = true;
    REQUIRE(world.ask<sync::instruction>(boss, report{70, {3, 1, 0, 1, 0, 0, 0}}));
    world.advance(16); // one second for each 64
    REQUIRE(seen->rows.size() >= many);
    CHECK(seen->rows[69].progress.steps == 0);
    CHECK(seen->rows[70].progress.steps == 3);
    CHECK(seen->rows[0].seconds == doctest::Approx(4));
  }
  SUBCASE("some are gone before their turn") {
    for (std::size_t i = 10; i < many; i += 2)
      caf::anon_send_exit(crew[i], caf::exit_reason::kill);
    world.advance(4.1);
    CHECK(seen->rows.size() == many - 95);
  }
  const auto result = result_within(20);
  REQUIRE(result);
  CHECK(result->reason == end_reason::max_time);
  REQUIRE(result->workers.size() == many);
  std::uint64_t steps = 0;
  for (const auto& worker : result->workers) {
    CHECK((worker.left || worker.progress.steps == 9));
    steps += worker.progress.steps;
  }
  CHECK(result->total.steps == steps);
}

TEST_CASE_FIXTURE(fixture, "a handle of nobody is no worker") {
  start(two_workers());
  CHECK_FALSE(world.ask<welcome>(boss, join{"a", 6}, worker_actor{}));
  CHECK(world.error == ec::not_permitted);
  CHECK(join_as("a"));
}

TEST_CASE_FIXTURE(fixture, "a job that all have left ends when the last one to come is refused") {
  auto plan = two_workers();
  plan.workers[1].join = 5;
  start(plan);
  REQUIRE(join_as("a"));
  caf::anon_send_exit(crew[0], caf::exit_reason::kill);
  world.advance(5);
  crew.push_back(world.own(spawn_mock(world.system, test::mock_worker, seen)));
  CHECK_FALSE(world.ask<welcome>(boss, join{"b", 7}, crew.back()));
  const auto result = result_within(1);
  REQUIRE(result);
  CHECK(result->reason == end_reason::failed);
  CHECK(result->text.find("7 parameters") != std::string::npos);
}
