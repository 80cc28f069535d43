#include "actors/cluster.hpp"

#include "actors/evaluator.hpp"
#include "actors/scheduler.hpp"
#include "actors/shard.hpp"
#include "actors/worker.hpp"

#include <caf/actor_system.hpp>

#include <utility>

namespace adsp {

namespace {

using data_ptr = std::shared_ptr<const learning::train_and_test>;

/// Points at one member of the data and keeps all of it alive.
std::shared_ptr<const learning::dataset> part(const data_ptr& data,
                                              const learning::dataset& member) {
  return {data, &member};
}

std::unique_ptr<learning::model> model_for(const job& x, const learning::dataset& data) {
  return learning::make_model(x.model, static_cast<std::size_t>(data.features.rows()),
                              data.classes);
}

std::vector<shard_actor> spawn_shards(caf::actor_system& system, const job& x,
                                      const learning::model& model,
                                      const std::vector<shard_range>& ranges) {
  std::vector<float> initial(model.parameter_count());
  model.initialise(initial, learning::generator{x.seed, "initialise"});
  const auto eta = x.ps.learning_rate > 0 ? x.ps.learning_rate : 1.0 / x.worker_count();
  std::vector<shard_actor> shards;
  for (const auto& range : ranges) {
    const std::span values{initial.data() + range.first, range.size};
    shards.push_back(
        system.spawn(shard, static_cast<shard_id>(shards.size()), copy_of(values), eta));
  }
  return shards;
}

} // namespace

cluster spawn_cluster(caf::actor_system& system, const job& x, data_ptr data,
                      recorder_actor recorder) {
  const auto plans = plan_workers(x);
  auto shares = plan_data(x, data->train);
  auto model = model_for(x, data->train);
  const auto parameters = model->parameter_count();
  const auto ranges = plan_shards(parameters, x.ps.shard_size);

  cluster all;
  all.shards = spawn_shards(system, x, *model, ranges);
  all.evaluator =
      system.spawn(evaluator, std::make_shared<evaluator_setup>(evaluator_setup{
                                  part(data, data->test), std::move(model), all.shards}));
  all.scheduler =
      system.spawn(scheduler, std::make_shared<scheduler_setup>(scheduler_setup{
                                  x, parameters, all.shards, all.evaluator, std::move(recorder)}));
  for (const auto& plan : plans) {
    const auto i = plan.seed_index;
    all.workers.push_back(system.spawn(
        worker, std::make_shared<worker_setup>(worker_setup{
                    plan.name, part(data, data->train), model_for(x, data->train),
                    learning::batch_stream{std::move(shares[i]), x.optimizer.batch_size,
                                           learning::generator{x.seed, "batches", i}},
                    learning::sgd{x.optimizer, parameters}, sync::make_worker_policy(x.sync),
                    device{plan.device, learning::generator{x.seed, "device", i}}, ranges,
                    all.shards, all.scheduler})));
  }
  return all;
}

} // namespace adsp
