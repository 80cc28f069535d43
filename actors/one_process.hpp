// A whole topology in one process: spawns every actor of a job in one actor system.
#pragma once

#include "actors/plan/job.hpp"
#include "actors/worker/worker_factory.hpp"
#include "messages/protocol.hpp"

#include <caf/expected.hpp>
#include <caf/fwd.hpp>

#include <memory>
#include <vector>

namespace adsp {

/// The actors of a job, in the order of the topology.
struct cluster {
  scheduler_actor scheduler;
  std::vector<shard_actor> shards;
  evaluator_actor evaluator;
  link_actor link; ///< null without ps.bandwidth
  std::vector<worker_actor> workers;
};

using data_ptr = std::shared_ptr<const learning::train_and_test>;

/// The parameters that training starts from, by the job's seed.
std::vector<float> initial_parameters(const job& plan, const learning::model& model);

/// Spawns the evaluator, which uses the test data.
evaluator_actor spawn_evaluator(caf::actor_system& system, const job& plan, const data_ptr& data,
                                const std::vector<shard_actor>& shards);

/// Spawns the job; training starts when every worker has joined. The actors end by themselves with
/// the job; dropping the handles early does not end it. `recorder` gets the rows and outlives the
/// job. Throws what `learning::make_model` and `plan_data` throw, before anything is spawned.
cluster spawn_cluster(caf::actor_system& system, const job& planned, const data_ptr& data,
                      recorder_actor recorder, threads how);

} // namespace adsp
