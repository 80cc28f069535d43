// What the end of a job waits for, and who is not waited for any more. Time stands still in most of
// these: the questions that stay open never run into their timeout.
#include "tests/actors/scheduler/scheduler_neighbours.hpp"
#include "tests/transport/frames.hpp"

#include <caf/event_based_actor.hpp>

using namespace adsp;
using test::two_workers;

namespace {

struct fixture : test::scheduler_fixture {
  /// Starts a job of so many workers, and ends it; nobody says its last counts.
  void end_mute(std::size_t count) {
    auto plan = test::tiny_job(sync::policy_kind::tap, {1});
    plan.workers[0].count = static_cast<std::uint32_t>(count);
    start(plan);
    for (std::size_t i = 0; i < count; ++i)
      REQUIRE(join_as("w" + std::to_string(i)));
    REQUIRE(world.ask<sync::instruction>(boss, report{0, {7, 1, 0, 1, 0, 0, 0}}));
    seen->mute_at_end = true;
    wait_for_result();
    caf::anon_send(boss, stop_atom::value);
    world.settle();
    CHECK_FALSE(result->has_value());
  }

  void wait_for_result() {
    const auto waits = [](caf::event_based_actor* self, const scheduler_actor& whom,
                          const std::shared_ptr<std::optional<job_result>>& to) {
      self->request(whom, caf::infinite, result_atom::value).then([to](const job_result& x) {
        *to = x;
      });
    };
    world.own(world.system.spawn(waits, boss, result));
  }

  void answer(std::size_t i) {
    caf::anon_send(crew[i], farewell_atom::value);
    world.settle();
  }

  /// The actor dies; whoever has asked it something hears nothing of that.
  template <class Handle>
  void kill(const Handle& x) {
    caf::anon_send_exit(x, caf::exit_reason::kill);
    world.settle();
  }

  void lose_peer(const caf::node_id& peer) {
    caf::anon_send(boss, lost_atom::value, peer);
    world.settle();
  }

  std::shared_ptr<std::optional<job_result>> result = std::make_shared<std::optional<job_result>>();
};

} // namespace

TEST_CASE_FIXTURE(fixture, "a worker that is lost after it was asked is not waited for") {
  end_mute(2);
  REQUIRE(seen->last_questions.size() == 2);
  kill(crew[0]);
  CHECK_FALSE(result->has_value()); // the other one is
  SUBCASE("the other one answers") {
    answer(1);
  }
  SUBCASE("the other one is lost too") {
    kill(crew[1]);
  }
  REQUIRE(result->has_value());
  const auto& end = **result;
  CHECK(end.reason == end_reason::interrupted);
  CHECK(end.parameters.size() == 1);
  REQUIRE(end.workers.size() == 2);
  CHECK(end.workers[0].progress.steps == 7); // as it has said before
  CHECK_FALSE(end.workers[0].left);          // it was there when the job ended
}

TEST_CASE_FIXTURE(fixture, "a worker that answers and is lost then is counted once") {
  end_mute(2);
  answer(0);
  kill(crew[0]);
  CHECK_FALSE(result->has_value());
  kill(crew[1]);
  REQUIRE(result->has_value());
  CHECK((*result)->workers[0].progress.steps == 9);
  CHECK((*result)->total.steps == 9);
}

TEST_CASE_FIXTURE(fixture, "a worker that is lost before its turn is not asked") {
  constexpr std::size_t many = 150;
  end_mute(many);
  const auto asked = seen->last_questions.size();
  REQUIRE(asked < many); // some at a time
  for (auto i = asked; i < many; ++i)
    kill(crew[i]);
  for (std::size_t i = 0; i < asked; ++i) {
    CHECK_FALSE(result->has_value());
    answer(i);
  }
  REQUIRE(result->has_value());
  CHECK((*result)->total.steps == 9 * asked);
}

TEST_CASE_FIXTURE(fixture, "workers whose process is lost are not waited for") {
  end_mute(2);
  lose_peer(frames::somebody{1, 1}.id());
  CHECK_FALSE(result->has_value());
  lose_peer(world.system.node()); // the shard is there, too
  REQUIRE(result->has_value());
  CHECK((*result)->workers[0].progress.steps == 7);
}

TEST_CASE_FIXTURE(fixture, "a shard that is lost at the end is not waited for") {
  seen->measured = copy_of(std::vector(6, 2.0f));
  seen->hold_pulls = true;
  end_mute(1);
  SUBCASE("before it was asked for its parameters") {
    kill(ps);
    CHECK_FALSE(result->has_value()); // the worker's counts are
    answer(0);
  }
  SUBCASE("after it was") {
    answer(0);
    REQUIRE(seen->open_pulls.size() == 1);
    CHECK_FALSE(result->has_value());
    kill(ps);
  }
  SUBCASE("with its process") {
    answer(0);
    lose_peer(world.system.node());
  }
  REQUIRE(result->has_value());
  const auto& end = **result;
  CHECK(end.reason == end_reason::failed);
  CHECK(end.text.find("shard") != std::string::npos);
  REQUIRE(end.parameters.size() == 1);
  CHECK(end.parameters[0] == seen->measured);
}

TEST_CASE_FIXTURE(fixture, "an evaluation is not waited for when a shard is lost under it") {
  auto plan = two_workers();
  plan.max_time = 1;
  start_with_both(plan);
  wait_for_result();
  seen->hold_evaluations = true;
  world.advance(2);
  REQUIRE(seen->held.size() == 1); // one of the training
  SUBCASE("one of the training") {}
  SUBCASE("the last one") {
    caf::anon_send(judge, slice_atom::value);
    world.settle();
    REQUIRE(seen->held.size() == 1);
  }
  CHECK_FALSE(result->has_value());
  kill(ps);
  REQUIRE(result->has_value());
  CHECK((*result)->reason == end_reason::failed);
  const auto rows = seen->evaluations.size();
  caf::anon_send(judge, slice_atom::value); // too late
  world.settle();
  CHECK(seen->evaluations.size() == rows);
}

TEST_CASE_FIXTURE(fixture, "an evaluator that is lost in the last evaluation is not waited for") {
  auto plan = two_workers();
  plan.max_time = 1.2;
  start_with_both(plan);
  wait_for_result();
  world.advance(1.1);
  seen->hold_evaluations = true;
  world.advance(0.2);
  CHECK_FALSE(result->has_value());
  kill(judge);
  REQUIRE(result->has_value());
  CHECK((*result)->reason == end_reason::failed);
  CHECK((*result)->text.find("the final evaluation has failed") != std::string::npos);
  CHECK((*result)->parameters.size() == 1);
}

TEST_CASE_FIXTURE(fixture, "what the evaluator measures while an averaging job ends is saved") {
  auto plan = two_workers();
  plan.sync.average = true;
  seen->hold_evaluations = true;
  seen->mute_at_end = true;
  start_with_both(plan);
  wait_for_result();
  caf::anon_send(boss, stop_atom::value);
  world.settle();
  REQUIRE(seen->held.size() == 1); // the first evaluation, under way since the start
  seen->measured = copy_of(std::vector(6, 2.0f));
  auto saved = copy_of(std::vector{1.0f}); // the shard's
  SUBCASE("the evaluation succeeds") {
    saved = seen->measured;
  }
  SUBCASE("the evaluation fails") {
    seen->held_error = make_error(ec::not_reached);
  }
  caf::anon_send(judge, slice_atom::value);
  world.settle();
  answer(0);
  CHECK_FALSE(result->has_value());
  answer(1);
  REQUIRE(result->has_value());
  CHECK((*result)->reason == end_reason::interrupted);
  CHECK((*result)->parameters == std::vector{saved});
}
