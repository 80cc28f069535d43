// The workers of a job as they are put together, whether all live in one process or each elsewhere.
#pragma once

#include "actors/plan/job.hpp"
#include "actors/worker/worker.hpp"

#include <functional>
#include <memory>
#include <string_view>
#include <vector>

namespace adsp {

/// How many threads run the actors: on one, workers share what they need only during a step.
enum class threads : std::uint8_t { one, many };

/// Where the workers of a job commit to and report to.
struct workplace {
  std::vector<shard_range> ranges;
  std::vector<shard_actor> shards; ///< as many as ranges
  link_actor link;                 ///< of the parameter server; may be none
  scheduler_actor scheduler;
};

/// The workers of the plan that the node `name` hosts: those of the group of that name, or the one
/// of that name, or one that the plan does not list, which runs as fast as its machine and trains
/// on all the data.
std::vector<worker_plan> workers_of_node(const job& x, std::string_view name);

/// Makes the workers' setups, each from its plan and its share of the data.
class crew {
public:
  /// Throws what `plan_data` and `learning::make_model` throw. The job has to outlive this.
  crew(const job& x, std::shared_ptr<const learning::dataset> train, threads how);

  /// `begun` is called when the worker has made its first step.
  std::shared_ptr<worker_setup> make(worker_plan plan, const workplace& where,
                                     std::function<void()> begun = {});

private:
  learning::sample_indices share_of(const worker_plan& plan) const;
  std::shared_ptr<step_scratch> next_scratch();

  const job& plan_;
  std::shared_ptr<const learning::dataset> train_;
  threads how_;
  std::vector<learning::sample_indices> shares_;
  std::shared_ptr<step_scratch> scratch_; ///< the last one made
};

} // namespace adsp
