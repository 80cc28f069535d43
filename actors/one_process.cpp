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

/// Points at one member of the data and keeps all of it alive.
std::shared_ptr<const learning::dataset> part(const data_ptr& data,
                                              const learning::dataset& member) {
  return {data, &member};
}

std::unique_ptr<learning::model> model_for(const job& x, const learning::dataset& data) {
  return learning::make_model(x.model, learning::input_of(data), data.classes);
}

} // namespace

std::vector<float> initial_parameters(const job& x, const learning::model& model) {
  std::vector<float> initial(model.parameter_count());
  model.initialise(initial, learning::generator{x.seed, "initialise"});
  return initial;
}

evaluator_actor spawn_evaluator(caf::actor_system& system, const job& x, const data_ptr& data,
                                const std::vector<shard_actor>& shards) {
  return system.spawn(evaluator, std::make_shared<evaluator_setup>(evaluator_setup{
                                     part(data, data->test), model_for(x, data->train), shards,
                                     sync::averages(x.sync)}));
}

cluster spawn_cluster(caf::actor_system& system, const job& x, const data_ptr& data,
                      recorder_actor recorder, threads how) {
  worker_factory factory{x, part(data, data->train), how};
  const auto model = model_for(x, data->train);
  const auto initial = initial_parameters(x, *model);
  const auto ranges = plan_shards(initial.size(), x.ps.shard_size);

  cluster all;
  for (const auto& range : ranges) {
    const auto values = std::span{initial}.subspan(range.first, range.size);
    const host owned{static_cast<shard_id>(all.shards.size()), copy_of(values), starting_rule(x)};
    all.shards.push_back(system.spawn(shard, owned, std::shared_ptr<access>{}));
  }
  all.evaluator = spawn_evaluator(system, x, data, all.shards);
  if (x.ps.bandwidth > 0)
    all.link = system.spawn(adsp::link, x.ps.bandwidth);
  all.scheduler = system.spawn(
      scheduler, std::make_shared<scheduler_setup>(scheduler_setup{.plan = x,
                                                                   .parameters = initial.size(),
                                                                   .shards = all.shards,
                                                                   .evaluator = all.evaluator,
                                                                   .recorder = std::move(recorder),
                                                                   .link = all.link}));
  const workplace place{ranges, all.shards, all.link, all.scheduler};
  for (auto& plan : plan_workers(x))
    all.workers.push_back(system.spawn(worker, factory.make(std::move(plan), place)));
  return all;
}

} // namespace adsp
