// Seconds as the policies count them, and time points as CAF's clock counts them.
#pragma once

#include "sync/types.hpp"

#include <caf/actor_clock.hpp>

#include <chrono>

namespace adsp {

/// Seconds from `origin` to `now`.
inline sync::seconds seconds_between(caf::actor_clock::time_point origin,
                                     caf::actor_clock::time_point now) {
  return std::chrono::duration<double>(now - origin).count();
}

/// Rounded to the clock's tick.
inline caf::actor_clock::duration_type to_duration(sync::seconds x) {
  return std::chrono::round<caf::actor_clock::duration_type>(std::chrono::duration<double>(x));
}

} // namespace adsp
