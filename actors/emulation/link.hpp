// The link actor emulates the parameter server's link, which all workers share. In each direction
// transfers pass one after the other, in the order of arrival.
#pragma once

#include "messages/protocol.hpp"

#include <caf/actor_clock.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

namespace adsp {

struct link_state {
  static inline const char* name = "link";

  explicit link_state(link_actor::pointer selfptr) : self{selfptr} {}

  /// Seconds from now until the transfer has passed, at most a century.
  double enqueue(const transfer& next);

  link_actor::pointer self;
  double bandwidth = 1;                          ///< bits a second in each direction
  caf::actor_clock::time_point free_to_server;   ///< when all transfers so far have passed
  caf::actor_clock::time_point free_from_server; ///< likewise
};

/// `bandwidth`: bits a second in each direction, above 0.
link_actor::behavior_type link(link_actor::stateful_pointer<link_state> self, double bandwidth);

} // namespace adsp
