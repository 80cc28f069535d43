#include "actors/one_process.hpp"

#include "actors/emulation/link.hpp"
#include "actors/scheduler/evaluator.hpp"
#include "actors/scheduler/scheduler.hpp"
#include "actors/server/shard.hpp"
#include "actors/worker/worker.hpp"
#include "sync/policy.hpp"

#include <caf/actor_system.hpp>

#include <utility>

namespace adsp {

namespace {

/// A pointer to one member of the data, which keeps all of it alive.
std::shared_ptr<const learning::dataset> part(const data_ptr& data,
                                              const learning::dataset& member) {
  return {data, &member};
}

std::unique_ptr<learning::model> model_for(const job& x, const learning::dataset& data) {
  return learning::make_model(x.model, learning::input_of(data), data.classes);
}

} // namespace

std::vector<float> initial_parameters(const job& plan, const learning::model& model) {
  std::vector<float> initial(model.parameter_count());
  model.initialise(initial, learning::generator{plan.seed, "initialise"});
  return initial;
}

evaluator_actor spawn_evaluator(caf::actor_system& system, const job& plan, const data_ptr& data,
                                const std::vector<shard_actor>& shards) {
  return system.spawn(evaluator, std::make_shared<evaluator_setup>(evaluator_setup{
                                     part(data, data->test), model_for(plan, data->train), shards,
                                     sync::averages(plan.sync)}));
}

cluster spawn_cluster(caf::actor_system& system, const job& planned, const data_ptr& data,
                      recorder_actor recorder, threads how) {
  worker_factory factory{planned, part(data, data->train), how};
  const auto model = model_for(planned, data->train);
  const auto initial = initial_parameters(planned, *model);
  const auto ranges = plan_shards(initial.size(), planned.ps.shard_size);

  cluster all;
  for (const auto& range : ranges) {
    const auto values = std::span{initial}.subspan(range.first, range.size);
    const host owned{static_cast<shard_id>(all.shards.size()), copy_of(values),
                     starting_rule(planned)};
    all.shards.push_back(system.spawn(shard, owned, std::shared_ptr<access>{}));
  }
  all.evaluator = spawn_evaluator(system, planned, data, all.shards);
  if (planned.ps.bandwidth > 0)
    all.link = system.spawn(adsp::link, planned.ps.bandwidth);
  all.scheduler = system.spawn(
      scheduler, std::make_shared<scheduler_setup>(scheduler_setup{.plan = planned,
                                                                   .parameters = initial.size(),
                                                                   .shards = all.shards,
                                                                   .evaluator = all.evaluator,
                                                                   .recorder = std::move(recorder),
                                                                   .link = all.link}));
  const workplace place{ranges, all.shards, all.link, all.scheduler};
  for (auto& plan : plan_workers(planned))
    all.workers.push_back(system.spawn(worker, factory.make(std::move(plan), place)));
  return all;
}

} // namespace adsp
