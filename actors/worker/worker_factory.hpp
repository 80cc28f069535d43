// Makes the setups of a job's workers, whether they share one process or not.
#pragma once

#include "actors/plan/job.hpp"
#include "actors/worker/worker.hpp"

#include <functional>
#include <memory>
#include <string_view>
#include <vector>

namespace adsp {

/// How many threads run the actors. On one thread the workers share the memory of a step.
enum class threads : std::uint8_t { one, many };

/// The actors that the workers of a job commit and report to.
struct workplace {
  std::vector<shard_range> ranges;
  std::vector<shard_actor> shards; ///< one for each range
  link_actor link;                 ///< the parameter server's emulated link; may be null
  scheduler_actor scheduler;
};

/// The workers that the node `name` hosts: the plan's group of that name, or its worker of that
/// name. A name that is not in the plan gets one worker, which runs as fast as its machine and
/// trains on all the data.
std::vector<worker_plan> workers_of_node(const job& plan, std::string_view name);

/// Makes each worker's setup from its plan and its share of the data.
class worker_factory {
public:
  /// `plan` must outlive the factory. Throws what `plan_data` and `learning::make_model` throw.
  worker_factory(const job& plan, std::shared_ptr<const learning::dataset> train, threads how);

  /// `begun` is called after the worker's first step.
  std::shared_ptr<worker_setup> make(worker_plan plan, const workplace& place,
                                     std::function<void()> begun = {});

private:
  learning::sample_indices share_of(const worker_plan& plan) const;
  std::shared_ptr<step_scratch> next_scratch();

  const job& plan_;
  std::shared_ptr<const learning::dataset> train_;
  threads how_;
  std::vector<learning::sample_indices> shares_;
  std::shared_ptr<step_scratch> scratch_; ///< the scratch made last
};

} // namespace adsp
