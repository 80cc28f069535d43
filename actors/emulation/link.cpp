#include "actors/emulation/link.hpp"

#include "actors/clock/actor_time.hpp"

#include <algorithm>

namespace adsp {

double link_state::enqueue(const transfer& next) {
  const auto now = self->clock().now();
  auto& free = next.to_server ? free_to_server : free_from_server;
  const auto needed = to_duration(8.0 * static_cast<double>(next.bytes) / bandwidth);
  // A queue of more than a century would overflow the clock's 64-bit nanoseconds.
  free = std::min(std::max(free, now) + needed, now + to_duration(sync::never));
  return seconds_between(now, free);
}

link_actor::behavior_type link(link_actor::stateful_pointer<link_state> self, double bandwidth) {
  self->state.bandwidth = bandwidth;
  return {
      [self](const transfer& next) { return self->state.enqueue(next); },
  };
}

} // namespace adsp
