// Whole topologies under the real scheduler, threads and all: the same scenarios, and real data.
#include "actors/clock/system_config.hpp"
#include "actors/one_process.hpp"
#include "learning/data/sources/load.hpp"
#include "sync/adsp_options.hpp"
#include "sync/policies.hpp"
#include "tests/actors/tiny_job.hpp"
#include "tests/integration/recording.hpp"
#include "tests/slowness.hpp"

#include <caf/actor_system.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <doctest/doctest.h>

using namespace adsp;

namespace {

/// No test waits longer for anything; nothing is expected to take that long.
constexpr std::chrono::seconds longest{50 * sanitizers::slowness};

struct outcome {
  job_result result;
  test::recording seen;
};

/// Runs the job to its end; `meddle` is called once it is under way.
template <class F>
outcome run(const job& plan, const std::shared_ptr<const learning::train_and_test>& data,
            F meddle) {
  system_config config{drive::real_time};
  caf::actor_system system{config};
  caf::scoped_actor self{system};
  auto seen = std::make_shared<test::recording>();
  auto recorder = spawn_mock(system, test::recorder, seen);
  auto all = spawn_cluster(system, plan, data, recorder, threads::many);
  meddle(all, self);
  outcome end;
  self->request(all.scheduler, longest, result_atom::value)
      .receive([&](job_result& x) { end.result = std::move(x); },
               [&](const caf::error& why) { FAIL(to_text(why)); });
  self->request(recorder, longest, stop_atom::value)
      .receive([&] { end.seen = *seen; }, [&](const caf::error& why) { FAIL(to_text(why)); });
  return end;
}

constexpr auto leave_alone = [](cluster&, caf::scoped_actor&) {};

} // namespace

TEST_CASE("every policy reaches its steps on threads as fast as they go") {
  for (const auto& policy : sync::policies()) {
    CAPTURE(std::string{policy.name});
    auto plan = test::tiny_job(policy.kind, {0, 0, 0, 0});
    plan.sync.check_period = 0.004;
    plan.sync.local_steps = 5;
    // Those that commit by the clock, every millisecond, have to train for some of them.
    plan.max_steps = policy.timer ? 200'000 : 4000;
    const auto end = run(plan, test::tiny_data(), leave_alone);
    CHECK(end.result.reason == end_reason::max_steps);
    CHECK(end.result.last.accuracy > 0.9);
    CHECK(end.result.last.steps >= plan.max_steps);
    CHECK(end.seen.evaluations.size() >= 1); // the last one is always made
  }
}

TEST_CASE("a barrier survives the death of a worker on threads") {
  auto plan = test::tiny_job(sync::policy_kind::bsp, {0, 0, 0});
  plan.max_steps = 20'000;
  const auto end = run(plan, test::tiny_data(), [](cluster& all, caf::scoped_actor&) {
    caf::anon_send_exit(all.workers[1], caf::exit_reason::kill);
  });
  CHECK(end.result.reason == end_reason::max_steps);
}

TEST_CASE("an interrupt ends the job with what was learnt") {
  auto plan = test::tiny_job(sync::policy_kind::adsp, {0, 0});
  const auto end = run(plan, test::tiny_data(), [](cluster& all, caf::scoped_actor&) {
    caf::anon_send(all.scheduler, stop_atom::value);
  });
  CHECK(end.result.reason == end_reason::interrupted);
  CHECK(end.result.parameters.size() == 2);
}

TEST_CASE("an MLP learns a slice of Fashion-MNIST under ADSP") {
  learning::data_options slice;
  slice.train_limit = 3000;
  slice.test_limit = 1000;
  auto data = std::make_shared<learning::train_and_test>(learning::load(slice));
  auto plan = test::tiny_job(sync::policy_kind::adsp, {0, 0, 0});
  plan.model.kind = "mlp";
  plan.model.hidden = {32};
  plan.optimizer.batch_size = 32;
  plan.ps.shard_size = 8192;
  plan.sync.check_period = 0.2;
  plan.sync.adsp->commit_rate = 4;
  plan.evaluation.target_accuracy = 0.7;
  plan.evaluation.window = 1;
  plan.evaluation.interval = 0.1;
  plan.max_steps = 200'000;
  const auto end = run(plan, data, leave_alone);
  CHECK(end.result.reason == end_reason::target_reached);
  for (const auto& worker : end.result.workers)
    CHECK(worker.progress.wait == 0);
}
