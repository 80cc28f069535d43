// CAF's actor system, set up for this project: message types, error texts, scheduler.
#pragma once

#include <caf/actor_system_config.hpp>

#include <cstdint>

namespace adsp {

/// Which of CAF's schedulers drives the actors.
enum class drive : std::uint8_t {
  real_time,    ///< threads share one queue: no polling delay when a timer fires
  virtual_time, ///< the caller runs every message and moves the clock (virtual_coordinator)
};

struct system_config : caf::actor_system_config {
  /// One thread for each core, at least two.
  explicit system_config(drive kind);
};

} // namespace adsp
