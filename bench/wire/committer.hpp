// The two sides of a commit between processes: shards of parameters, and workers that do nothing
// but commit. Their own arithmetic is what a shard does; a worker's is not part of it.
#pragma once

#include "actors/clock/system_config.hpp"
#include "messages/protocol.hpp"
#include "transport/gateway.hpp"

#include <caf/actor_system.hpp>
#include <caf/config_value.hpp>
#include <caf/scoped_actor.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace wire {

using namespace adsp;

inline constexpr std::uint32_t shard_size = 65536;
inline constexpr std::chrono::seconds patience{60};

/// Settings of CAF to measure with instead of the program's, by their names: KEY=VALUE.
inline std::vector<std::pair<std::string, caf::config_value>> caf_settings;

struct networked : system_config {
  networked() : system_config{drive::real_time} {
    transport::configure(*this);
    for (const auto& [key, value] : caf_settings)
      set(key, value);
  }
};

/// Hands out the shards of a model by its number of parameters and theirs, from 0; makes them when
/// first asked.
using keeper_actor = caf::typed_actor<caf::replies_to<std::uint64_t, shard_id>::with<shard_actor>>;

keeper_actor spawn_keeper(caf::actor_system& system);

/// A shard, and which one of its model's it is.
struct target {
  shard_actor shard;
  shard_id id = 0;
};

/// The keeper's shards of a model of `parameters` parameters.
std::vector<target> shards_of(caf::actor_system& system, const keeper_actor& keeper,
                              std::uint64_t parameters);

/// A worker that commits updates of `size` floats to each of its shards and waits for all fresh
/// blocks.
class committer {
public:
  /// `number` is unique among those that commit to the same shards.
  committer(caf::actor_system& system, worker_id number, std::vector<target> shards,
            std::uint32_t size, wire_format format);
  committer(const committer&) = delete;
  committer& operator=(const committer&) = delete;
  ~committer();

  /// Begins to make `times` commits, one after the other.
  void begin(int times);
  /// Seconds of each of them, when all are done.
  std::vector<double> finish();

  std::vector<double> commit(int times) {
    begin(times);
    return finish();
  }

private:
  caf::actor pusher_;
  std::shared_ptr<std::vector<double>> seconds_; ///< written by the actor while others wait
  std::unique_ptr<caf::scoped_actor> self_;
};

double median(std::vector<double> x);
/// The smallest value that at least the share `part` of them does not exceed.
double quantile(std::vector<double> x, double part);

} // namespace wire
