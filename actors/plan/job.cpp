#include "actors/plan/job.hpp"

#include "sync/damping.hpp"
#include "sync/policy.hpp"
#include "sync/round_options.hpp"

#include <algorithm>

namespace adsp {

namespace {

/// Workers and a server with momentum amplify each other's oscillations, so ADSP lets both share
/// one: less than what the rule has where the workers have some.
double shared_momentum(double whole, const learning::optimizer_options& of_workers) {
  return std::max(0.0, whole - learning::momentum_of(of_workers));
}

sync::commit_rule rule_for(const job& x, std::size_t workers) {
  auto rule = sync::make_commit_rule(x.sync, workers);
  if (rule.kind == sync::rule_kind::scheduled_nesterov) {
    rule.momentum = shared_momentum(rule.momentum, x.optimizer);
    rule.step_weight = x.sync.rounds->step_weight.value_or(x.data.partition == "iid" ? 1 : 0);
  }
  if (x.ps.momentum) {
    rule.momentum = *x.ps.momentum;
    const bool without =
        rule.kind == sync::rule_kind::plain || rule.kind == sync::rule_kind::damped;
    if (without && rule.momentum > 0) {
      rule.kind = sync::rule_kind::velocity;
      rule.eta = sync::default_rate(workers, false);
    }
  }
  if (x.ps.learning_rate > 0)
    rule.eta = x.ps.learning_rate;
  return rule;
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
  return rule_for(x, workers).eta;
}

sync::commit_rule starting_rule(const job& x) {
  return rule_for(x, x.starting_count());
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
