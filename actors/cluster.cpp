#include "actors/cluster.hpp"

#include "actors/evaluator.hpp"
#include "actors/link.hpp"
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
  return learning::make_model(x.model, learning::input_of(data), data.classes);
}

std::vector<shard_actor> spawn_shards(caf::actor_system& system, const job& x,
                                      const learning::model& model,
                                      const std::vector<shard_range>& ranges) {
  std::vector<float> initial(model.parameter_count());
  model.initialise(initial, learning::generator{x.seed, "initialise"});
  const auto eta = x.ps.learning_rate > 0 ? x.ps.learning_rate : 1.0 / x.starting_count();
  std::vector<shard_actor> shards;
  for (const auto& range : ranges) {
    const std::span values{initial.data() + range.first, range.size};
    shards.push_back(system.spawn(shard, static_cast<shard_id>(shards.size()), copy_of(values), eta,
                                  x.ps.momentum));
  }
  return shards;
}

/// One for all workers when a single thread runs them, else one each.
class scratch_source {
public:
  scratch_source(const job& x, const learning::dataset& data, threads how)
      : plan_{x}, data_{data}, how_{how} {}

  std::shared_ptr<step_scratch> next() {
    if (how_ == threads::many || !shared_) {
      shared_ = std::make_shared<step_scratch>();
      shared_->model = model_for(plan_, data_);
    }
    return shared_;
  }

private:
  const job& plan_;
  const learning::dataset& data_;
  threads how_;
  std::shared_ptr<step_scratch> shared_;
};

} // namespace

cluster spawn_cluster(caf::actor_system& system, const job& x, data_ptr data,
                      recorder_actor recorder, threads how) {
  auto plans = plan_workers(x);
  auto shares = plan_data(x, data->train);
  auto model = model_for(x, data->train);
  const auto parameters = model->parameter_count();
  const auto ranges = plan_shards(parameters, x.ps.shard_size);

  cluster all;
  all.shards = spawn_shards(system, x, *model, ranges);
  all.evaluator =
      system.spawn(evaluator, std::make_shared<evaluator_setup>(evaluator_setup{
                                  part(data, data->test), std::move(model), all.shards}));
  if (x.ps.bandwidth > 0)
    all.link = system.spawn(adsp::link, x.ps.bandwidth);
  all.scheduler = system.spawn(
      scheduler, std::make_shared<scheduler_setup>(scheduler_setup{
                     x, parameters, all.shards, all.evaluator, std::move(recorder), all.link}));
  scratch_source scratch{x, data->train, how};
  const auto train = part(data, data->train);
  for (auto& plan : plans) {
    const auto i = plan.seed_index;
    worker_setup setup{
        .name = std::move(plan.name),
        .data = train,
        .batches = learning::batch_stream{std::move(shares[i]), x.optimizer.batch_size,
                                          learning::generator{x.seed, "batches", i}},
        .optimizer = learning::optimizer{x.optimizer, parameters},
        .policy = sync::make_worker_policy(x.sync),
        .machine = device{std::move(plan.device), learning::generator{x.seed, "device", i}},
        .ranges = ranges,
        .shards = all.shards,
        .link = all.link,
        .scheduler = all.scheduler,
        .wire = x.wire,
        .recovers = sync::rolls_back(x.sync),
        .scratch = scratch.next(),
        .images = learning::parse_augmentation(x.data.augment),
        .draws = learning::generator{x.seed, "draws", i}};
    all.workers.push_back(system.spawn(worker, std::make_shared<worker_setup>(std::move(setup))));
  }
  return all;
}

} // namespace adsp
