// Whole topologies in virtual time come to the same end again, on either clock.
#include "tests/integration/virtual_cluster.hpp"

#include "actors/clock/virtual_run.hpp"
#include "sync/adsp_options.hpp"
#include "sync/policies.hpp"
#include "sync/ssp_options.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/response_handle.hpp>

using namespace adsp;
using fixture = test::virtual_cluster;

namespace {

/// What the job comes to on the clock of simulations.
std::optional<job_result> simulated(const job& plan, test::recording& seen) {
  system_config config{drive::virtual_time};
  caf::actor_system system{config};
  auto& coordinator = dynamic_cast<virtual_coordinator&>(system.scheduler());
  const auto rows = std::make_shared<test::recording>();
  const auto recorder = spawn_mock(system, test::recorder, rows);
  const auto all = spawn_cluster(system, plan, test::tiny_data(), recorder, threads::one);
  std::optional<job_result> end;
  system.spawn<caf::hidden>(
      [&](caf::event_based_actor* self, const scheduler_actor& boss) {
        self->request(boss, caf::infinite, result_atom::value).then([&](job_result& x) {
          end = std::move(x);
        });
      },
      all.scheduler);
  run_until(coordinator, [&] { return end.has_value(); });
  caf::anon_send_exit(recorder, caf::exit_reason::kill);
  for (const auto& x : all.workers)
    caf::anon_send_exit(x, caf::exit_reason::kill);
  coordinator.run();
  coordinator.clock().cancel_all();
  coordinator.run();
  seen = *rows;
  return end;
}

} // namespace

TEST_CASE_FIXTURE(fixture, "the same job and seed give the same parameters, another seed others") {
  auto plan = test::tiny_job(sync::policy_kind::adsp, {0.1, 0.23, 0.4});
  for (auto& group : plan.workers)
    group.jitter = 0.2;
  plan.max_time = 20;
  std::vector<std::vector<parameter_block>> ends;
  for (std::uint64_t seed : {1, 1, 2}) {
    plan.seed = seed;
    start(plan, test::tiny_data());
    auto result = result_within(21);
    REQUIRE(result);
    ends.push_back(result->parameters);
  }
  CHECK(ends[0] == ends[1]);
  CHECK_FALSE(ends[0] == ends[2]);
}

TEST_CASE_FIXTURE(fixture, "both clocks come to the same end") {
  for (const auto& policy : sync::policies()) {
    CAPTURE(std::string{policy.name});
    auto plan = test::tiny_job(policy.kind, {0.1, 0.23, 0.4, 0.3});
    for (auto& group : plan.workers) {
      group.jitter = 0.2;
      group.latency = 0.013;
    }
    plan.workers[2].leave = 12.3;
    plan.workers[3].join = 7.7;
    plan.ps.bandwidth = 48000;
    plan.sync.adsp->overlap = true;
    plan.sync.local_steps = 5;
    plan.sync.ssp->staleness = 3;
    plan.max_time = 20;
    *seen = {};
    start(plan, test::tiny_data());
    const auto one = result_within(21);
    test::recording rows;
    const auto other = simulated(plan, rows);
    REQUIRE(one);
    REQUIRE(other);
    CHECK(one->reason == end_reason::max_time);
    CHECK(one->workers[3].progress.steps > 10);
    CHECK(*one == *other);
    CHECK(seen->rows == rows.rows);
    CHECK_FALSE(rows.rows.empty());
  }
}
