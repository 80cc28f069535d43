// The scheduler actor between mock neighbours.
#include "sync/adsp_options.hpp"
#include "sync/round_options.hpp"
#include "tests/actors/scheduler/scheduler_neighbours.hpp"

#include <limits>

using namespace adsp;
using fixture = test::scheduler_fixture;
using test::two_workers;

TEST_CASE_FIXTURE(fixture, "training starts when every worker has joined") {
  start(two_workers());
  const auto first = join_as("a");
  REQUIRE(first);
  CHECK(first->worker == 0);
  CHECK(first->instruction.permitted_commits == 0);
  CHECK(seen->instructions.empty());
  world.advance(3);
  CHECK(seen->evaluations_asked == 0);
  const auto second = join_as("b");
  REQUIRE(second);
  CHECK(second->worker == 1);
  REQUIRE(seen->instructions.size() == 2);
  CHECK(seen->instructions[0].permitted_commits == 1);
  CHECK(seen->evaluations.size() == 1);
  CHECK(seen->evaluations[0].seconds == 0);
  REQUIRE_FALSE(seen->rates.empty());
  CHECK(seen->rates.back().eta == 0.5);
}

TEST_CASE_FIXTURE(fixture, "a join that does not fit is refused") {
  start(two_workers());
  REQUIRE(join_as("a"));
  CHECK_FALSE(join_as("a"));
  CHECK(world.error == ec::name_taken);
  CHECK_FALSE(world.ask<welcome>(boss, join{"c", 7}, crew.back()));
  CHECK(world.error == ec::wrong_size);
}

TEST_CASE_FIXTURE(fixture, "a worker that is refused before the start is not waited for") {
  start(two_workers());
  SUBCASE("the other one trains") {
    REQUIRE(join_as("a"));
    CHECK_FALSE(world.ask<welcome>(boss, join{"b", 7}, crew.back()));
    REQUIRE(seen->instructions.size() == 1);
    CHECK(seen->instructions.back().permitted_commits == 1);
  }
  SUBCASE("nobody is left") {
    crew.push_back(world.own(spawn_mock(world.system, test::mock_worker, seen)));
    CHECK_FALSE(world.ask<welcome>(boss, join{"a", 7}, crew.back()));
    CHECK_FALSE(world.ask<welcome>(boss, join{"b", 7}, crew.back()));
    const auto result = result_within(1);
    REQUIRE(result);
    CHECK(result->reason == end_reason::failed);
    CHECK(result->text.find("7 parameters") != std::string::npos);
  }
}

TEST_CASE_FIXTURE(fixture, "reports of strangers are refused") {
  start(two_workers());
  REQUIRE(join_as("a"));
  CHECK_FALSE(world.ask<sync::instruction>(boss, report{7, {}}));
  CHECK(world.error == ec::unknown_worker);
}

TEST_CASE_FIXTURE(fixture, "a barrier is released by the last report and by a worker's death") {
  start_with_both(two_workers());
  seen->instructions.clear();
  auto answer = world.ask<sync::instruction>(boss, report{0, {1, 1, 0, 1, 0, 0, 0}});
  REQUIRE(answer);
  CHECK(answer->permitted_commits == 1);
  CHECK(seen->instructions.empty());

  SUBCASE("the last report") {
    answer = world.ask<sync::instruction>(boss, report{1, {1, 1, 0, 1, 0, 0, 0}});
    REQUIRE(answer);
    CHECK(answer->permitted_commits == 2);
    REQUIRE(seen->instructions.size() >= 1);
    CHECK(seen->instructions.back().permitted_commits == 2);
  }
  SUBCASE("the other one dies") {
    caf::anon_send_exit(crew[1], caf::exit_reason::kill);
    world.settle();
    REQUIRE(seen->instructions.size() >= 1);
    CHECK(seen->instructions.back().permitted_commits == 2);
    CHECK(seen->rates.back().eta == 1);
  }
}

TEST_CASE_FIXTURE(fixture,
                  "with rounds each shard is told of their ends, and workers of the next") {
  auto plan = two_workers(sync::policy_kind::adsp);
  plan.sync.adsp->step = sync::server_step::round;
  plan.sync.rounds->length = 2;
  plan.sync.rounds->grace = 0.5;
  start_with_both(plan);
  REQUIRE_FALSE(seen->instructions.empty());
  CHECK(seen->instructions.back().until_round == doctest::Approx(2));
  CHECK(seen->rates.back().eta == 1);
  world.advance(2.4);
  CHECK(seen->closed.empty());
  world.advance(0.2);
  const auto shards = seen->closed.size();
  REQUIRE(shards > 0);
  CHECK(seen->closed == std::vector<std::uint64_t>(shards, 1));
  const auto answer = world.ask<sync::instruction>(boss, report{0, {1, 1, 0, 1, 0, 0, 0}});
  REQUIRE(answer);
  CHECK(answer->round_length == 2);
  CHECK(answer->until_round == doctest::Approx(1.4));
  world.advance(2);
  REQUIRE(seen->closed.size() == 2 * shards);
  CHECK(seen->closed.back() == 2);
  // The job's end closes the round under way: what has arrived was learnt.
  caf::anon_send(boss, stop_atom::value);
  world.advance(0.1);
  REQUIRE(seen->closed.size() == 3 * shards);
  CHECK(seen->closed.back() == 3);
}

TEST_CASE_FIXTURE(fixture, "the job ends at max_time with every worker's last counts") {
  auto plan = two_workers();
  plan.max_time = 5;
  start_with_both(plan);
  const auto result = result_within(6);
  REQUIRE(result);
  CHECK(result->reason == end_reason::max_time);
  CHECK(result->duration == doctest::Approx(5));
  REQUIRE(result->workers.size() == 2);
  CHECK(result->workers[0].progress.steps == 9);
  CHECK(result->workers[1].name == "b");
  CHECK(result->parameters.size() == 1);
  CHECK(result->last.seconds == doctest::Approx(5));
  CHECK(seen->rows.size() == 2); // one check period of 4 s
}

TEST_CASE_FIXTURE(fixture, "the job ends at the target, averaged over the window") {
  auto plan = two_workers();
  plan.evaluation.interval = 1;
  plan.evaluation.target_loss = 0.5;
  plan.evaluation.window = 2;
  seen->losses = {1.0, 0.4, 0.7, 0.45, 0.45};
  start_with_both(plan);
  const auto result = result_within(30);
  REQUIRE(result);
  CHECK(result->reason == end_reason::target_reached);
  CHECK(result->time_to_target == doctest::Approx(4));
}

TEST_CASE_FIXTURE(fixture, "the job ends at max_steps") {
  auto plan = two_workers();
  plan.max_steps = 3;
  start_with_both(plan);
  REQUIRE(world.ask<sync::instruction>(boss, report{0, {3, 1, 0, 1, 0, 0, 0}}));
  const auto result = result_within(1);
  REQUIRE(result);
  CHECK(result->reason == end_reason::max_steps);
}

TEST_CASE_FIXTURE(fixture, "an interrupted job concludes at once") {
  start_with_both(two_workers());
  caf::anon_send(boss, stop_atom::value);
  const auto result = result_within(0.1);
  REQUIRE(result);
  CHECK(result->reason == end_reason::interrupted);
  CHECK(result->parameters.size() == 1);
}

TEST_CASE_FIXTURE(fixture, "an interrupt before the start ends the job too") {
  start(two_workers());
  REQUIRE(join_as("a"));
  caf::anon_send(boss, stop_atom::value);
  CHECK(result_within(0.1));
}

TEST_CASE_FIXTURE(fixture, "what the job cannot do without ends it with a reason") {
  start_with_both(two_workers());
  std::string expected;
  SUBCASE("the shard") {
    caf::anon_send_exit(ps, caf::exit_reason::kill);
    expected = "shard";
  }
  SUBCASE("the evaluator") {
    caf::anon_send_exit(judge, caf::exit_reason::kill);
    expected = "evaluator";
  }
  SUBCASE("every worker") {
    for (auto& x : crew)
      caf::anon_send_exit(x, caf::exit_reason::kill);
    expected = "every worker";
  }
  SUBCASE("a worker that diverged") {
    caf::anon_send(caf::actor_cast<caf::actor>(crew[0]),
                   caf::exit_msg{crew[0].address(), make_error(ec::not_finite)});
    expected = "diverged";
  }
  SUBCASE("a loss that is not a number") {
    seen->losses = {std::numeric_limits<double>::quiet_NaN()};
    world.advance(1);
    expected = "diverged";
  }
  const auto result = result_within(5);
  REQUIRE(result);
  CHECK(result->reason == end_reason::failed);
  CHECK(result->text.find(expected) != std::string::npos);
}

TEST_CASE_FIXTURE(fixture, "a worker that dies before the start is not waited for") {
  start(two_workers());
  REQUIRE(join_as("a"));
  caf::anon_send_exit(crew[0], caf::exit_reason::kill);
  world.settle();
  REQUIRE(join_as("b"));
  REQUIRE_FALSE(seen->instructions.empty());
  CHECK(seen->instructions.back().permitted_commits == 1);
}

TEST_CASE_FIXTURE(fixture, "an evaluation that outlives the training never hangs the end") {
  auto plan = two_workers();
  plan.max_time = 1;
  start_with_both(plan);
  seen->hold_evaluations = true;
  world.advance(2);
  REQUIRE(seen->held.size() == 1);
  seen->hold_evaluations = false;
  SUBCASE("it fails") {
    seen->held_error = make_error(ec::shard_lost);
    caf::anon_send(judge, slice_atom::value);
  }
  SUBCASE("it succeeds") {
    caf::anon_send(judge, slice_atom::value);
  }
  SUBCASE("the evaluator dies") {
    caf::anon_send_exit(judge, caf::exit_reason::kill);
  }
  CHECK(result_within(3));
}

TEST_CASE_FIXTURE(fixture, "the record of an evaluation has the counts of its parameters") {
  start_with_both(two_workers());
  seen->hold_evaluations = true;
  world.advance(0.6);
  REQUIRE(seen->held.size() == 1);
  REQUIRE(world.ask<sync::instruction>(boss, report{0, {3, 1, 0, 1, 0, 0, 0}}));
  caf::anon_send(judge, slice_atom::value);
  world.settle();
  REQUIRE(seen->evaluations.size() == 2);
  CHECK(seen->evaluations[1].steps == 0);
}

TEST_CASE_FIXTURE(fixture, "a job that averages leaves the average that was measured last") {
  seen->measured = copy_of(std::vector(6, 2.0f));
  auto plan = two_workers(sync::policy_kind::adsp);
  plan.max_time = 1;
  SUBCASE("averages") {
    start_with_both(plan);
    const auto result = result_within(2);
    REQUIRE(result);
    CHECK(result->parameters == std::vector{seen->measured});
    CHECK(result->text.empty());
  }
  SUBCASE("does not") {
    plan.sync.average = false;
    start_with_both(plan);
    const auto result = result_within(2);
    REQUIRE(result);
    CHECK(result->parameters == std::vector{copy_of(std::vector{1.0f})});
  }
  SUBCASE("averages, but the last evaluation fails") {
    seen->hold_evaluations = true;
    seen->held_error = make_error(ec::not_reached);
    start_with_both(plan);
    world.advance(1.5);
    caf::anon_send(judge, slice_atom::value); // the first, under way since the start
    world.advance(0.1);
    caf::anon_send(judge, slice_atom::value);
    const auto result = result_within(2);
    REQUIRE(result);
    CHECK(result->reason == end_reason::failed);
    CHECK(result->parameters == std::vector{copy_of(std::vector{1.0f})});
  }
}

TEST_CASE_FIXTURE(fixture, "a job that loses a shard leaves the model that was measured last") {
  std::size_t models = 0;
  SUBCASE("if there is one") {
    seen->measured = copy_of(std::vector(6, 2.0f));
    models = 1;
  }
  SUBCASE("or none") {}
  start_with_both(two_workers());
  caf::anon_send_exit(ps, caf::exit_reason::kill);
  const auto result = result_within(1);
  REQUIRE(result);
  CHECK(result->reason == end_reason::failed);
  REQUIRE(result->parameters.size() == models);
  if (models > 0) {
    CHECK(result->parameters[0] == seen->measured);
    CHECK(result->text.find("measured last") != std::string::npos);
  }
}
