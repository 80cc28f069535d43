// The scheduler actor between mock neighbours.
#include "actors/scheduler.hpp"
#include "tests/actors/tiny_job.hpp"
#include "tests/virtual_time.hpp"

#include <limits>
#include <memory>

using namespace adsp;

namespace {

/// What the mock neighbours saw and how they are to answer.
struct neighbours {
  std::vector<sync::instruction> instructions; ///< to any worker
  std::vector<server_rate> rates;
  std::vector<evaluation_record> evaluations;
  std::vector<worker_record> rows;
  std::vector<double> losses = {1.0}; ///< of the coming evaluations; the last one stays
  double accuracy = 0.5;
  int kept = 0;
  std::vector<std::uint32_t> restored;
  std::size_t restored_at_pull = 0; ///< of these, when the scheduler fetched the parameters
  bool mute = false;                ///< workers leave the question for their counts open
  std::vector<caf::typed_response_promise<report>> open_questions;
  int evaluations_asked = 0;
  bool hold_evaluations = false; ///< answer only when the test says so
  std::vector<caf::typed_response_promise<evaluation>> held;
  caf::error held_error; ///< the answer to those held; without one it is an evaluation
};

shard_actor::behavior_type mock_shard(std::shared_ptr<neighbours> seen) {
  return {
      [](const push&) -> caf::result<fresh> { return make_error(ec::busy); },
      [=](const pull& x) {
        seen->restored_at_pull = seen->restored.size();
        return fresh{x.shard, 1, copy_of(std::vector{1.0f})};
      },
      [=](const server_rate& x) { seen->rates.push_back(x); },
      [=](keep_atom) { ++seen->kept; },
      [=](const restore& x) { seen->restored.push_back(x.generation); },
  };
}

worker_actor::behavior_type mock_worker(worker_actor::pointer self,
                                        std::shared_ptr<neighbours> seen) {
  return {
      [](join_atom) { FAIL("not from the scheduler"); },
      [](leave_atom) { FAIL("not from the scheduler"); },
      [=](const sync::instruction& x) { seen->instructions.push_back(x); },
      [](step_atom) { FAIL("not from the scheduler"); },
      [](arrive_atom, std::uint64_t) { FAIL("not from the scheduler"); },
      [=](report_atom) -> caf::result<report> {
        if (seen->mute) {
          seen->open_questions.push_back(self->make_response_promise<report>());
          return seen->open_questions.back();
        }
        return report{0, 0, {5, 1, 0, 1, 0, 0, 0}};
      },
      [=](stop_atom) {
        self->quit();
        return report{0, 0, {9, 2, 0, 1, 0, 0, 0}};
      },
  };
}

evaluator_actor::behavior_type mock_evaluator(evaluator_actor::pointer self,
                                              std::shared_ptr<neighbours> seen) {
  return {
      [=](evaluate_atom) -> caf::result<evaluation> {
        ++seen->evaluations_asked;
        if (seen->hold_evaluations) {
          seen->held.push_back(self->make_response_promise<evaluation>());
          return seen->held.back();
        }
        const auto loss = seen->losses.front();
        if (seen->losses.size() > 1)
          seen->losses.erase(seen->losses.begin());
        return evaluation{loss, seen->accuracy, 1};
      },
      [=](slice_atom) { // from the test: answer what is held
        for (auto& promise : std::exchange(seen->held, {}))
          if (seen->held_error)
            promise.deliver(seen->held_error);
          else
            promise.deliver(evaluation{0.5, 0.5, 1});
      },
  };
}

recorder_actor::behavior_type mock_recorder(std::shared_ptr<neighbours> seen) {
  return {
      [=](const evaluation_record& x) { seen->evaluations.push_back(x); },
      [=](const worker_record& x) { seen->rows.push_back(x); },
      [](stop_atom) { FAIL("not from the scheduler"); },
  };
}

struct fixture {
  test::virtual_time world;
  std::shared_ptr<neighbours> seen = std::make_shared<neighbours>();
  shard_actor ps;
  evaluator_actor judge;
  scheduler_actor boss;
  std::vector<worker_actor> crew;

  void start(const job& plan) {
    auto& system = world.system;
    ps = world.own(system.spawn(mock_shard, seen));
    judge = world.own(system.spawn(mock_evaluator, seen));
    auto recorder = world.own(system.spawn(mock_recorder, seen));
    boss = world.own(system.spawn(scheduler, std::make_shared<scheduler_setup>(scheduler_setup{
                                                 plan, 6, {ps}, judge, recorder, {}})));
  }

  std::optional<welcome> join_as(const std::string& name) {
    crew.push_back(world.own(world.system.spawn(mock_worker, seen)));
    return world.ask<welcome>(boss, join{name, 6}, crew.back());
  }

  /// Starts a job of two workers, "a" and "b", and lets both join.
  void start_with_both(const job& plan) {
    start(plan);
    REQUIRE(join_as("a"));
    REQUIRE(join_as("b"));
  }

  /// Asks for the result, lets `seconds` pass, and returns it if the job has ended by then.
  std::optional<job_result> result_within(double seconds) {
    auto pending = world.self->request(boss, std::chrono::seconds{1'000'000}, result_atom::value);
    world.advance(seconds);
    std::optional<job_result> answer;
    if (!world.ask<job_status>(boss, status_atom::value) || world.error)
      pending.receive([&](job_result& x) { answer = std::move(x); }, [](const caf::error&) {});
    return answer;
  }
};

job two_workers(sync::policy_kind policy = sync::policy_kind::bsp) {
  return test::tiny_job(policy, {1, 1});
}

constexpr auto nan = std::numeric_limits<double>::quiet_NaN();

} // namespace

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

TEST_CASE_FIXTURE(fixture, "reports of strangers are refused") {
  start(two_workers());
  REQUIRE(join_as("a"));
  CHECK_FALSE(world.ask<sync::instruction>(boss, report{7, 0, {}}));
  CHECK(world.error == ec::unknown_worker);
  CHECK_FALSE(world.ask<sync::instruction>(boss, report{0, 3, {}}));
  CHECK(world.error == ec::stale_incarnation);
}

TEST_CASE_FIXTURE(fixture, "a barrier is released by the last report and by a worker's death") {
  start_with_both(two_workers());
  seen->instructions.clear();
  auto answer = world.ask<sync::instruction>(boss, report{0, 0, {1, 1, 0, 1, 0, 0, 0}});
  REQUIRE(answer);
  CHECK(answer->permitted_commits == 1);
  CHECK(seen->instructions.empty());

  SUBCASE("the last report") {
    answer = world.ask<sync::instruction>(boss, report{1, 0, {1, 1, 0, 1, 0, 0, 0}});
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
  REQUIRE(world.ask<sync::instruction>(boss, report{0, 0, {3, 1, 0, 1, 0, 0, 0}}));
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
  REQUIRE(world.ask<sync::instruction>(boss, report{0, 0, {3, 1, 0, 1, 0, 0, 0}}));
  caf::anon_send(judge, slice_atom::value);
  world.settle();
  REQUIRE(seen->evaluations.size() == 2);
  CHECK(seen->evaluations[1].steps == 0);
}

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
  CHECK(seen->rates.back().eta == 0.5);
  const auto revision = seen->rates.back().revision;
  seen->instructions.clear();
  world.advance(0.5);
  CHECK(seen->restored == std::vector<std::uint32_t>{1});
  CHECK(seen->rates.back().eta == 0.25);
  CHECK(seen->rates.back().revision > revision);
  REQUIRE(seen->instructions.size() == 2);
  for (const auto& x : seen->instructions)
    CHECK(x.generation == 1);
  const auto answer = world.ask<sync::instruction>(boss, report{0, 0, {1, 1, 0, 1, 0, 0, 0}});
  REQUIRE(answer);
  CHECK(answer->generation == 1);
  world.advance(2);
  CHECK(seen->restored.size() == 1);
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
  CHECK(seen->rates.back().eta == 0.25);
}

TEST_CASE_FIXTURE(fixture, "a loss that is no number after five returns in a row ends the job") {
  seen->losses = {1.0, nan};
  start_with_both(two_workers(sync::policy_kind::adsp));
  world.advance(2.6);
  CHECK(seen->restored == std::vector<std::uint32_t>{1, 2, 3, 4, 5});
  CHECK(seen->rates.back().eta == 0.5 / 32);
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

TEST_CASE_FIXTURE(fixture,
                  "a good evaluation between returns gives the job all its chances again") {
  seen->losses = {1.0, nan, nan, nan, nan, nan, 0.9, nan, nan, nan, nan, nan, 0.9};
  start_with_both(two_workers(sync::policy_kind::adsp));
  world.advance(10.1);
  CHECK(seen->restored.size() == 10);
  const auto status = world.ask<job_status>(boss, status_atom::value);
  REQUIRE(status);
  CHECK_FALSE(status->ended);
}

TEST_CASE_FIXTURE(fixture,
                  "a loss that stays high but finite is given up returning from, not ended") {
  seen->losses = {1.0, 100.0};
  start_with_both(two_workers(sync::policy_kind::adsp));
  world.advance(30);
  CHECK(seen->restored == std::vector<std::uint32_t>{1, 2, 3, 4, 5});
  const auto status = world.ask<job_status>(boss, status_atom::value);
  REQUIRE(status);
  CHECK_FALSE(status->ended);
}

TEST_CASE_FIXTURE(fixture,
                  "without returns a loss that is no number ends the job at its best state") {
  auto policy = sync::policy_kind::bsp;
  SUBCASE("bsp") {}
  SUBCASE("adsp without rollback") {
    policy = sync::policy_kind::adsp;
  }
  auto plan = two_workers(policy);
  plan.sync.rollback = policy == sync::policy_kind::bsp; // bsp has none whatever it says
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
    REQUIRE(world.ask<sync::instruction>(boss, report{70, 0, {3, 1, 0, 1, 0, 0, 0}}));
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
