// The device a worker is said to run on: how long its steps and its transfers take. Emulated
// durations only; what the real machine needs comes on top of nothing, it is hidden inside them.
#pragma once

#include "actors/job.hpp"
#include "learning/random.hpp"

#include <cstdint>

namespace adsp {

class device {
public:
  device(const worker_group& group, learning::generator random) : group_{group}, random_{random} {}

  /// Seconds the next step takes: step_seconds times log-normal noise of mean 1 and standard
  /// deviation `jitter`. 0: as long as the machine needs.
  sync::seconds step_time();

  /// Seconds that `bytes` take over the link one way.
  sync::seconds transfer_time(std::uint64_t bytes) const;

private:
  worker_group group_;
  learning::generator random_;
};

} // namespace adsp
