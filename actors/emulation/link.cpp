#include "actors/emulation/link.hpp"

#include "actors/clock/actor_time.hpp"

#include <algorithm>

namespace adsp {

double link_state::enqueue(const transfer& x) {
  const auto now = self->clock().now();
  auto& free = x.to_server ? free_to_server : free_from_server;
  free = std::max(free, now) + to_duration(8.0 * static_cast<double>(x.bytes) / bandwidth);
  return seconds_between(now, free);
}

link_actor::behavior_type link(link_actor::stateful_pointer<link_state> self, double bandwidth) {
  self->state.bandwidth = bandwidth;
  return {
      [self](const transfer& x) { return self->state.enqueue(x); },
  };
}

} // namespace adsp
