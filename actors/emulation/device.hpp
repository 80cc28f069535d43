// The emulated device of a worker: how long its steps and its transfers take. The real computing
// time is hidden inside the emulated one, not added to it.
#pragma once

#include "actors/plan/job.hpp"
#include "learning/random.hpp"

#include <cstdint>

namespace adsp {

class device {
public:
  device(device_options options, learning::generator random)
      : options_{std::move(options)}, random_{random} {}

  /// Seconds that a step begun at `now` takes: step_seconds times the throttle's factor times
  /// log-normal noise of mean 1 and standard deviation `jitter`, at least 1 ns. 0: the step takes
  /// as long as the machine needs.
  sync::seconds step_time(sync::seconds now);

  /// Seconds that `bytes` take over the device's own link, one way: 0 when no link is emulated.
  sync::seconds transfer_time(std::uint64_t bytes) const;

  /// Whether a link of the device's own is emulated.
  bool has_link() const { return options_.latency > 0 || options_.bandwidth > 0; }

  /// When the device joins, in seconds after its worker was spawned.
  sync::seconds join_time() const { return options_.join; }

  /// When it leaves, likewise; 0: never.
  sync::seconds leave_time() const { return options_.leave; }

private:
  device_options options_;
  learning::generator random_;
};

} // namespace adsp
