// Mock neighbours of the scheduler: they note what it tells them, answer as the test says, and fail
// on anything else.
#pragma once

#include "actors/scheduler/scheduler.hpp"
#include "tests/actors/tiny_job.hpp"
#include "tests/mock.hpp"
#include "tests/virtual_time.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace adsp::test {

/// What the mock neighbours saw and how they are to answer.
struct neighbours {
  std::vector<sync::instruction> instructions; ///< to any worker
  std::vector<server_rate> rates;
  std::vector<std::uint64_t> closed; ///< rounds, by all shards
  std::vector<evaluation_record> evaluations;
  std::vector<worker_record> rows;
  std::vector<double> losses = {1.0}; ///< of the coming evaluations; the last one stays
  double accuracy = 0.5;
  int kept = 0;
  std::vector<std::uint32_t> restored;
  std::size_t restored_at_pull = 0; ///< of these, when the scheduler fetched the parameters
  bool mute = false;                ///< workers leave the question for their counts open
  bool mute_at_end = false;         ///< and that for the last ones, until the test says `farewell`
  std::map<caf::actor_id, caf::typed_response_promise<report>> last_questions;
  std::vector<caf::typed_response_promise<report>> open_questions;
  bool hold_pulls = false; ///< shards leave the question for their parameters open
  std::vector<caf::typed_response_promise<fresh>> open_pulls;
  int evaluations_asked = 0;
  parameter_block measured;      ///< what the evaluator has measured last
  bool hold_evaluations = false; ///< answer only when the test says so
  std::vector<caf::typed_response_promise<evaluation>> held;
  caf::error held_error; ///< the answer to those held; without one it is an evaluation
};

inline mock<shard_actor> mock_shard(caf::event_based_actor* self,
                                    const std::shared_ptr<neighbours>& seen) {
  return {
      [=](const pull& x) -> caf::result<fresh> {
        if (seen->hold_pulls) {
          seen->open_pulls.push_back(self->make_response_promise<fresh>());
          return seen->open_pulls.back();
        }
        seen->restored_at_pull = seen->restored.size();
        return fresh{x.shard, 1, copy_of(std::vector{1.0f})};
      },
      [=](const server_rate& x) { seen->rates.push_back(x); },
      [=](const close_round& x) { seen->closed.push_back(x.round); },
      [=](keep_atom) { ++seen->kept; },
      [=](const restore& x) { seen->restored.push_back(x.generation); },
  };
}

inline mock<worker_actor> mock_worker(caf::event_based_actor* self,
                                      const std::shared_ptr<neighbours>& seen) {
  return {
      [=](farewell_atom) { // from the test: answer what is held
        seen->last_questions.at(self->id()).deliver(report{0, {9, 2, 0, 1, 0, 0, 0}});
      },
      [=](const sync::instruction& x) { seen->instructions.push_back(x); },
      [=](report_atom) -> caf::result<report> {
        if (seen->mute) {
          seen->open_questions.push_back(self->make_response_promise<report>());
          return seen->open_questions.back();
        }
        return report{0, {5, 1, 0, 1, 0, 0, 0}};
      },
      [=](stop_atom) -> caf::result<report> {
        if (seen->mute_at_end)
          return seen->last_questions[self->id()] = self->make_response_promise<report>();
        self->quit();
        return report{0, {9, 2, 0, 1, 0, 0, 0}};
      },
  };
}

inline mock<evaluator_actor> mock_evaluator(caf::event_based_actor* self,
                                            const std::shared_ptr<neighbours>& seen) {
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
      [=](result_atom) { return seen->measured; },
      [=](slice_atom) { // from the test: answer what is held
        for (auto& promise : std::exchange(seen->held, {}))
          if (seen->held_error)
            promise.deliver(seen->held_error);
          else
            promise.deliver(evaluation{0.5, 0.5, 1});
      },
  };
}

inline mock<recorder_actor> mock_recorder(caf::event_based_actor*,
                                          const std::shared_ptr<neighbours>& seen) {
  return {
      [=](const evaluation_record& x) { seen->evaluations.push_back(x); },
      [=](const worker_record& x) { seen->rows.push_back(x); },
  };
}

/// A scheduler whose workers join when the test says so.
struct scheduler_fixture {
  virtual_time world;
  std::shared_ptr<neighbours> seen = std::make_shared<neighbours>();
  shard_actor ps;
  evaluator_actor judge;
  scheduler_actor boss;
  std::vector<worker_actor> crew;

  void start(const job& plan) {
    auto& system = world.system;
    ps = world.own(spawn_mock(system, mock_shard, seen));
    judge = world.own(spawn_mock(system, mock_evaluator, seen));
    auto recorder = world.own(spawn_mock(system, mock_recorder, seen));
    boss = world.own(system.spawn(scheduler, std::make_shared<scheduler_setup>(scheduler_setup{
                                                 plan, 6, {ps}, judge, recorder, {}})));
  }

  std::optional<welcome> join_as(const std::string& name) {
    crew.push_back(world.own(spawn_mock(world.system, mock_worker, seen)));
    const auto answer = world.ask<welcome>(boss, join{name, 6}, crew.back());
    if (answer)
      world.ask<sync::instruction>(boss, report{answer->worker, {}}); // it has the parameters
    return answer;
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

inline job two_workers(sync::policy_kind policy = sync::policy_kind::bsp) {
  return tiny_job(policy, {1, 1});
}

} // namespace adsp::test
