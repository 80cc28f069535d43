// The device a worker is said to run on: how long its steps and its transfers take. Emulated
// durations only; what the real machine needs comes on top of nothing, it is hidden inside them.
#pragma once

#include "actors/plan/job.hpp"
#include "learning/random.hpp"

#include <cstdint>

namespace adsp {

class device {
public:
  device(device_options x, learning::generator random) : options_{std::move(x)}, random_{random} {}

  /// Seconds that a step begun at `now` takes: step_seconds times the throttle's factor times
  /// log-normal noise of mean 1 and standard deviation `jitter`, at least 1 ns. 0: as long as the
  /// machine needs.
  sync::seconds step_time(sync::seconds now);

  /// Seconds that `bytes` take over the device's own link one way.
  sync::seconds transfer_time(std::uint64_t bytes) const;

  sync::seconds join_time() const { return options_.join; }

  /// 0: never.
  sync::seconds leave_time() const { return options_.leave; }

private:
  device_options options_;
  learning::generator random_;
};

} // namespace adsp
