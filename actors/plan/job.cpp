#include "actors/plan/job.hpp"

#include "sync/damping.hpp"
#include "sync/policy.hpp"
#include "sync/round_options.hpp"

#include <algorithm>

namespace adsp {

namespace {

/// Shards with momentum do not damp.
bool damps(const job& x) {
  return sync::damps(x.sync) && x.ps.momentum.value_or(0) <= 0;
}

} // namespace

std::uint32_t job::worker_count() const {
  std::uint32_t n = 0;
  for (const auto& group : workers)
    n += group.count;
  return n;
}

std::uint32_t job::starting_count() const {
  std::uint32_t n = 0;
  for (const auto& group : workers)
    if (group.join <= 0)
      n += group.count;
  return n;
}

double eta_for(const job& x, std::size_t workers) {
  if (x.ps.learning_rate > 0)
    return x.ps.learning_rate;
  return sync::steps_by_round(x.sync) ? 1 : sync::default_rate(workers, damps(x));
}

sync::commit_rule starting_rule(const job& x) {
  const bool rounds = sync::steps_by_round(x.sync);
  return {.eta = eta_for(x, x.starting_count()),
          .momentum = x.ps.momentum.value_or(rounds ? 0.8 : 0),
          .damped = damps(x),
          .step = rounds ? sync::server_step::round : sync::server_step::commit,
          .step_weight = x.sync.rounds->step_weight.value_or(x.data.partition == "iid" ? 1 : 0)};
}

std::vector<worker_plan> plan_workers(const job& plan) {
  std::vector<worker_plan> plans;
  plans.reserve(plan.worker_count());
  for (const auto& group : plan.workers)
    for (std::uint32_t i = 0; i < group.count; ++i) {
      auto name = group.count == 1 ? group.name : group.name + "-" + std::to_string(i);
      plans.push_back({std::move(name), group, plans.size()});
      if (!group.each_step_seconds.empty())
        plans.back().device.step_seconds = group.each_step_seconds[i];
    }
  return plans;
}

std::vector<shard_range> plan_shards(std::uint64_t parameter_count, std::uint32_t shard_size) {
  std::vector<shard_range> ranges;
  for (std::uint64_t first = 0; first < parameter_count; first += shard_size)
    ranges.push_back({first, static_cast<std::uint32_t>(
                                 std::min<std::uint64_t>(shard_size, parameter_count - first))});
  return ranges;
}

std::vector<learning::sample_indices> plan_data(const job& plan, const learning::dataset& train) {
  std::vector<double> weights;
  for (const auto& worker : plan_workers(plan))
    weights.push_back(worker.device.data_share);
  learning::generator random{plan.seed, "partition"};
  if (plan.data.partition == "dirichlet")
    return learning::partition_dirichlet(train, weights, plan.data.alpha, random);
  return learning::partition_iid(train, weights, random);
}

} // namespace adsp
