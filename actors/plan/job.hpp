// A job and its topology as plain values with their defaults: what a config says after parsing.
#pragma once

#include "learning/data/data_options.hpp"
#include "learning/models/model.hpp"
#include "learning/training/optimizer.hpp"
#include "learning/training/partition.hpp"
#include "messages/blocks/encoded_block.hpp"
#include "sync/commit_rule.hpp"
#include "sync/options.hpp"
#include "sync/stop_rule.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace adsp {

/// The target of a job and how often it is evaluated; the config's [evaluation] table.
struct evaluation_options : sync::stop_options {
  sync::seconds interval = 2; ///< between two evaluations
};

/// The parameter server; the config's [ps] table.
struct ps_options {
  std::uint32_t shard_size = 65536; ///< most parameters of a shard
  double learning_rate = 0;         ///< eta, applied to every commit; 0: sync::default_rate
  /// Of the shards' velocity, 0 <= momentum < 1. Unset: where the server steps by rounds, 0.9
  /// without that of the workers' optimizer; else 0.
  std::optional<double> momentum;
  double bandwidth = 0; ///< of its link, bits a second in each direction; 0: unlimited
};

/// How exchanges are encoded; the config's [wire] table.
struct wire_options {
  encoding commit;        ///< of updates
  bool fp16_pull = false; ///< parameters are sent to the workers as fp16
};

/// Which nodes may take which roles.
struct allowance {
  std::string name;               ///< of a node; "*" stands for any characters
  std::vector<std::string> roles; ///< "ps", "worker"
};

/// How the job is spread over nodes; the config's [cluster] table, without effect in one process.
struct cluster_options {
  std::uint32_t ps_nodes = 1;   ///< nodes that share the shards
  std::uint32_t start_with = 0; ///< workers to begin with; 0: those that do not join later
  sync::seconds lease = 10;     ///< a node not heard from for this long is lost
  sync::seconds wait = 600;     ///< how long the nodes wait for each other
  std::vector<allowance> allow; ///< empty: every node that proves its name may take every role
};

/// From a time on, a device's steps take longer.
struct throttle_point {
  sync::seconds from = 0; ///< training time
  double factor = 1;      ///< of step_seconds, until the next point
  bool operator==(const throttle_point&) const = default;
};

/// An emulated device.
struct device_options {
  double step_seconds = 0; ///< emulated time of a step, seconds; 0: as fast as this machine
  double jitter = 0;       ///< relative standard deviation of a step's time (log-normal)
  std::vector<throttle_point> throttle; ///< in the order of time
  double latency = 0;                   ///< of the link to the parameter server, seconds one way
  double bandwidth = 0;                 ///< of that link, bits a second; 0: unlimited
  double data_share = 1;   ///< relative size of the worker's share of the training data
  sync::seconds join = 0;  ///< when it joins
  sync::seconds leave = 0; ///< when it leaves, even if busy; 0: never
};

/// Workers with equal devices; one [[workers]] table of the config.
struct worker_group : device_options {
  std::string name = "workers";
  std::uint32_t count = 1;
  std::vector<double> each_step_seconds; ///< one per worker; empty: step_seconds applies
};

struct job {
  std::string name = "job";
  std::uint64_t seed = 1;
  sync::seconds max_time = 0;  ///< training ends after it; 0: no limit
  std::uint64_t max_steps = 0; ///< training ends after this many steps of all workers; 0: no limit
  learning::data_options data;
  learning::model_options model;
  learning::optimizer_options optimizer;
  sync::options sync;
  evaluation_options evaluation;
  ps_options ps;
  wire_options wire;
  cluster_options cluster;
  std::vector<worker_group> workers;

  std::uint32_t worker_count() const;

  /// Workers that are present when training starts.
  std::uint32_t starting_count() const;
};

/// eta of the job's commits when `workers` workers take part.
double eta_for(const job& x, std::size_t workers);

/// How its shards apply commits when training starts.
sync::commit_rule starting_rule(const job& x);

/// One worker of the topology.
struct worker_plan {
  std::string name; ///< "<group>-<i>", or the group's name if it has one worker
  device_options device;
  std::uint64_t seed_index; ///< stable number of the worker in the config: seeds its draws
};

/// All workers in the order of the config.
std::vector<worker_plan> plan_workers(const job& plan);

/// Consecutive parameters [first, first + size) of one shard.
struct shard_range {
  std::uint64_t first = 0;
  std::uint32_t size = 0;
};

/// The shards of a model, in order; each holds at most `shard_size` parameters.
std::vector<shard_range> plan_shards(std::uint64_t parameter_count, std::uint32_t shard_size);

/// The training samples of every worker, in the order of `plan_workers`. Throws
/// learning::data_error.
std::vector<learning::sample_indices> plan_data(const job& plan, const learning::dataset& train);

} // namespace adsp
