// Seconds as the policies count them, and time points as CAF's clock counts them.
#pragma once

#include "sync/types.hpp"

#include <caf/actor_clock.hpp>

#include <algorithm>
#include <chrono>

namespace adsp {

/// Seconds from `origin` to `now`.
inline sync::seconds seconds_between(caf::actor_clock::time_point origin,
                                     caf::actor_clock::time_point now) {
  return std::chrono::duration<double>(now - origin).count();
}

/// Rounded to the clock's tick. At most a century, because a clock of 64-bit nanoseconds ends soon
/// after.
inline caf::actor_clock::duration_type to_duration(sync::seconds time) {
  constexpr sync::seconds century = 3.2e9;
  return std::chrono::round<caf::actor_clock::duration_type>(
      std::chrono::duration<double>(std::min(time, century)));
}

} // namespace adsp
