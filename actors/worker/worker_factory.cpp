#include "actors/worker/worker_factory.hpp"

#include <numeric>
#include <utility>

namespace adsp {

std::vector<worker_plan> workers_of_node(const job& plan, std::string_view name) {
  std::vector<worker_plan> found;
  const auto plans = plan_workers(plan);
  std::size_t next = 0;
  for (const auto& group : plan.workers)
    for (std::uint32_t i = 0; i < group.count; ++i, ++next)
      if (group.name == name || plans[next].name == name)
        found.push_back(plans[next]);
  if (found.empty()) {
    // Seeds the worker's draws: larger than the numbers of the listed workers, and different for
    // each name.
    const auto number = plans.size() + (learning::generator{plan.seed, name}() >> 16);
    found.push_back({std::string{name}, {}, number});
  }
  return found;
}

worker_factory::worker_factory(const job& plan, std::shared_ptr<const learning::dataset> train,
                               threads how)
    : plan_{plan}, train_{std::move(train)}, how_{how}, shares_{plan_data(plan, *train_)} {}

learning::sample_indices worker_factory::share_of(const worker_plan& plan) const {
  if (plan.seed_index < shares_.size())
    return shares_[plan.seed_index];
  learning::sample_indices all(train_->size());
  std::iota(all.begin(), all.end(), 0);
  return all;
}

std::shared_ptr<step_scratch> worker_factory::next_scratch() {
  if (how_ == threads::many || !scratch_) {
    scratch_ = std::make_shared<step_scratch>();
    scratch_->model =
        learning::make_model(plan_.model, learning::input_of(*train_), train_->classes);
  }
  return scratch_;
}

std::shared_ptr<worker_setup> worker_factory::make(worker_plan plan, const workplace& place,
                                                   std::function<void()> begun) {
  const auto i = plan.seed_index;
  std::uint64_t parameters = 0;
  for (const auto& range : place.ranges)
    parameters += range.size;
  auto share = share_of(plan);
  return std::make_shared<worker_setup>(worker_setup{
      .name = std::move(plan.name),
      .data = train_,
      .batches = learning::batch_stream{std::move(share), plan_.optimizer.batch_size,
                                        learning::generator{plan_.seed, "batches", i}},
      .optimizer = learning::optimizer{plan_.optimizer, parameters},
      .policy = sync::make_worker_policy(plan_.sync),
      .machine = device{std::move(plan.device), learning::generator{plan_.seed, "device", i}},
      .ranges = place.ranges,
      .shards = place.shards,
      .link = place.link,
      .scheduler = place.scheduler,
      .wire = plan_.wire,
      .recovers = sync::rolls_back(plan_.sync),
      .scratch = next_scratch(),
      .images = learning::parse_augmentation(plan_.data.augment),
      .draws = learning::generator{plan_.seed, "draws", i},
      .begun = std::move(begun)});
}

} // namespace adsp
