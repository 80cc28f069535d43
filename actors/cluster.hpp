// A whole topology in one process: spawns every actor of a job on one actor system.
#pragma once

#include "actors/job.hpp"
#include "messages/protocol.hpp"

#include <caf/expected.hpp>
#include <caf/fwd.hpp>

#include <memory>
#include <vector>

namespace adsp {

/// How many threads run the actors: on one, workers share what they need only during a step.
enum class threads : std::uint8_t { one, many };

/// The actors of a job, in the order of the topology.
struct cluster {
  scheduler_actor scheduler;
  std::vector<shard_actor> shards;
  evaluator_actor evaluator;
  link_actor link; ///< none without ps.bandwidth
  std::vector<worker_actor> workers;
};

/// Spawns the job; training starts when every worker has joined. The actors end by themselves with
/// the job; dropping the handles early does not end it. `recorder` gets the rows and outlives the job.
/// Throws what `learning::make_model` and `plan_data` throw, before anything is spawned.
cluster spawn_cluster(caf::actor_system& system, const job& x,
                      std::shared_ptr<const learning::train_and_test> data, recorder_actor recorder,
                      threads how);

} // namespace adsp
