// Which process a message is from, and whether that process may give orders.
#pragma once

#include "actors/rights/access.hpp"

#include <caf/local_actor.hpp>
#include <caf/node_id.hpp>

namespace adsp {

/// Where the message at hand of `self` comes from; nowhere when nobody has sent it.
inline caf::node_id peer_of(caf::local_actor* self) {
  const auto& sender = self->current_sender();
  return sender ? sender->node() : caf::node_id{};
}

/// Whether `x` is an actor of the process that the message at hand of `self` comes from. It is none
/// where the connection to that process has ended meanwhile.
template <class Handle>
bool is_sender_s(caf::local_actor* self, const Handle& x) {
  return x && x.node() == peer_of(self);
}

/// Whether the message at hand of `self` comes from a process that may give orders: the one that
/// leads, or this one. Otherwise `what` is counted against the sender. `rights`: null where there
/// are no other processes.
inline bool is_ordered(caf::local_actor* self, access* rights, const char* what) {
  if (rights == nullptr || rights->leads(peer_of(self)))
    return true;
  rights->strike(peer_of(self), what);
  return false;
}

} // namespace adsp
