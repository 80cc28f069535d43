// Tells which process a message comes from, and whether that process may give orders.
#pragma once

#include "actors/rights/access.hpp"

#include <caf/local_actor.hpp>
#include <caf/node_id.hpp>

namespace adsp {

/// The process that the current message of `self` comes from; none if it has no sender.
inline caf::node_id peer_of(caf::local_actor* self) {
  const auto& sender = self->current_sender();
  return sender ? sender->node() : caf::node_id{};
}

/// Whether `actor` lives in the process that the current message of `self` comes from. A handle is
/// null if the connection to its process has ended meanwhile.
template <class Handle>
bool is_sender_s(caf::local_actor* self, const Handle& actor) {
  return actor && actor.node() == peer_of(self);
}

/// Whether the current message of `self` comes from a process that may give orders: the one that
/// leads, or this one. Otherwise counts `what` as a strike against the sender. `rights`: null if
/// there are no other processes.
inline bool is_ordered(caf::local_actor* self, access* rights, const char* what) {
  if (rights == nullptr || rights->leads(peer_of(self)))
    return true;
  rights->strike(peer_of(self), what);
  return false;
}

} // namespace adsp
