// Whole topologies in virtual time: what the policies promise, and that no worker's end hangs a
// job.
#include "tests/integration/virtual_cluster.hpp"
#include "sync/adsp_options.hpp"
#include "sync/policies.hpp"
#include "sync/ssp_options.hpp"

#include <cmath>
#include <map>

using namespace adsp;
using fixture = test::virtual_cluster;

namespace {

std::vector<float> joined(const std::vector<parameter_block>& blocks) {
  std::vector<float> all;
  for (const auto& block : blocks)
    all.insert(all.end(), block.values().begin(), block.values().end());
  return all;
}

/// SGD on one machine, each step on the minibatches that the workers of the job draw, joined.
std::vector<float> sequential_sgd(const job& plan, const learning::train_and_test& data,
                                  int steps) {
  auto model = learning::make_model(plan.model, learning::flat(2), 2);
  std::vector<float> w(model->parameter_count());
  model->initialise(w, learning::generator{plan.seed, "initialise"});
  std::vector<learning::batch_stream> streams;
  std::uint64_t index = 0;
  for (auto& share : plan_data(plan, data.train))
    streams.emplace_back(std::move(share), plan.optimizer.batch_size,
                         learning::generator{plan.seed, "batches", index++});
  std::vector<float> gradient(w.size());
  learning::minibatch batch;
  for (int step = 0; step < steps; ++step) {
    std::vector<std::uint32_t> rows;
    for (auto& stream : streams) {
      const auto part = stream.next();
      rows.insert(rows.end(), part.begin(), part.end());
    }
    learning::gather(data.train, rows, batch);
    model->loss_and_gradient(w, batch, gradient);
    for (std::size_t i = 0; i < w.size(); ++i)
      w[i] -= static_cast<float>(plan.optimizer.learning_rate) * gradient[i];
  }
  return w;
}

} // namespace

TEST_CASE_FIXTURE(fixture, "BSP is sequential SGD on the joined minibatches") {
  const auto data = test::tiny_data();
  auto plan = test::tiny_job(sync::policy_kind::bsp, {0.1, 0.3, 0.2, 0.9});
  constexpr int steps = 50;
  plan.max_steps = steps * plan.worker_count();
  start(plan, data);
  const auto result = result_within(100);
  REQUIRE(result);
  CHECK(result->reason == end_reason::max_steps);
  const auto ours = joined(result->parameters);
  const auto reference = sequential_sgd(plan, *data, steps);
  REQUIRE(ours.size() == reference.size());
  for (std::size_t i = 0; i < ours.size(); ++i)
    CHECK(std::abs(ours[i] - reference[i]) <= 1e-5f);
  CHECK(result->last.commits == plan.max_steps);
}

TEST_CASE_FIXTURE(fixture, "ADSP: at every checkpoint commit counts are within one of the target") {
  double slowest = 0.05;
  SUBCASE("all alike") {}
  SUBCASE("4 times apart") {
    slowest = 0.2;
  }
  SUBCASE("20 times apart") {
    slowest = 1;
  }
  CAPTURE(slowest);
  auto plan = test::tiny_job(sync::policy_kind::adsp, {0.05, 0.05, 0.1, 0.6 * slowest, slowest});
  for (auto& group : plan.workers) {
    group.jitter = 0.1;
    group.latency = 0.01;
  }
  plan.sync.check_period = 16;
  plan.sync.adsp->commit_rate = 4;
  plan.max_time = 16 * 20 + 1;
  start(plan, test::tiny_data());
  const auto result = result_within(plan.max_time + 1);
  REQUIRE(result);
  REQUIRE(seen->rows.size() == 20 * plan.worker_count());
  for (const auto& row : seen->rows) {
    CAPTURE(row.name);
    CAPTURE(row.seconds);
    const auto target =
        std::round(row.seconds / plan.sync.check_period) * plan.sync.adsp->commit_rate;
    CHECK(std::abs(static_cast<double>(row.progress.commits) - target) <= 1);
    CHECK(row.progress.wait == 0);
  }
}

TEST_CASE_FIXTURE(fixture, "every policy trains, books all time and keeps the counts") {
  for (const auto& policy : sync::policies()) {
    CAPTURE(std::string{policy.name});
    auto plan = test::tiny_job(policy.kind, {0.1, 0.2, 0.4});
    for (auto& group : plan.workers)
      group.latency = 0.05; // the first pull ends after the start
    plan.sync.local_steps = 5;
    plan.sync.ssp->staleness = 3;
    plan.max_time = 40;
    start(plan, test::tiny_data());
    const auto result = result_within(41);
    REQUIRE(result);
    CHECK(result->last.loss < 0.3);
    CHECK(result->last.accuracy > 0.9);
    std::uint64_t steps = 0;
    for (const auto& x : result->workers) {
      const auto& p = x.progress;
      CHECK(p.compute + p.communicate + p.wait == doctest::Approx(result->duration));
      CHECK(p.steps >= p.commits);
      steps += p.steps;
    }
    CHECK(result->last.steps == steps);
  }
}

TEST_CASE_FIXTURE(fixture, "BSP makes the fast wait for the slow, ADSP does not") {
  std::map<sync::policy_kind, double> waited;
  for (auto policy : {sync::policy_kind::bsp, sync::policy_kind::adsp}) {
    auto plan = test::tiny_job(policy, {0.1, 0.4});
    plan.max_time = 40;
    start(plan, test::tiny_data());
    const auto result = result_within(41);
    REQUIRE(result);
    waited[policy] = result->workers[0].progress.wait / result->duration;
  }
  CHECK(waited[sync::policy_kind::bsp] == doctest::Approx(0.75).epsilon(0.02));
  CHECK(waited[sync::policy_kind::adsp] == 0);
}

TEST_CASE_FIXTURE(fixture, "a worker killed at any moment never hangs the job") {
  for (const auto& policy : sync::policies())
    for (double when : {0.05, 1.0, 3.37}) {
      CAPTURE(std::string{policy.name});
      CAPTURE(when);
      auto plan = test::tiny_job(policy.kind, {0.1, 0.2, 0.4});
      for (auto& group : plan.workers)
        group.latency = 0.03;
      plan.sync.local_steps = 5;
      plan.sync.ssp->staleness = 3;
      plan.max_time = 30;
      start(plan, test::tiny_data());
      world.advance(when);
      caf::anon_send_exit(all.workers[2], caf::exit_reason::kill);
      world.advance(1);
      const auto before = world.ask<job_status>(all.scheduler, status_atom::value);
      const auto result = result_within(31);
      REQUIRE(before);
      REQUIRE(result);
      CHECK(result->reason == end_reason::max_time);
      CHECK(result->workers[2].left);
      CHECK(result->workers[0].progress.steps > 50);
      CHECK(result->last.steps > before->total.steps + 50);
    }
}

TEST_CASE_FIXTURE(fixture, "BSP over the server's link: N + 1 transfers' time more a round") {
  // After the barrier N blocks come out one after the other. The last worker to get its block is
  // the last to be done, and its update goes in alone.
  constexpr int rounds = 20;
  for (std::size_t workers : {1, 2, 7}) {
    CAPTURE(workers);
    auto plan = test::tiny_job(sync::policy_kind::bsp, std::vector(workers, 0.5));
    plan.max_steps = rounds * workers;
    start(plan, test::tiny_data());
    const auto unlimited = result_within(100);
    REQUIRE(unlimited);
    CHECK(std::abs(unlimited->duration - rounds * 0.5) < 1e-6);
    plan.ps.bandwidth = 4800;
    start(plan, test::tiny_data());
    const auto limited = result_within(100);
    REQUIRE(limited);
    const auto transfer = 8.0 * test::tiny_parameters * sizeof(float) / plan.ps.bandwidth;
    // The first blocks are there when training starts.
    const auto expected = rounds * (0.5 + (static_cast<double>(workers) + 1) * transfer) - transfer;
    CHECK(std::abs(limited->duration - expected) < 1e-6);
    CHECK(limited->parameters.size() == unlimited->parameters.size());
  }
}

TEST_CASE_FIXTURE(fixture, "max_steps is not exceeded by much more than a step a worker") {
  for (const auto& policy : sync::policies())
    for (std::uint64_t limit : {1, 37, 100, 1000}) {
      CAPTURE(std::string{policy.name});
      CAPTURE(limit);
      auto plan = test::tiny_job(policy.kind, {0.1, 0.13, 0.2, 0.4});
      for (auto& group : plan.workers) {
        group.jitter = 0.2;
        group.latency = 0.3;
      }
      plan.sync.check_period = 60;
      plan.sync.local_steps = 40;
      plan.sync.adsp->overlap = limit == 37;
      plan.max_steps = limit;
      start(plan, test::tiny_data());
      const auto result = result_within(2000);
      REQUIRE(result);
      CHECK(result->reason == end_reason::max_steps);
      CHECK(result->total.steps >= limit);
      // One more of each, those that end between two questions, and those of a burst after a
      // barrier.
      CHECK(result->total.steps <= limit + 2 * plan.worker_count() + 3);
    }
}
