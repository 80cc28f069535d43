// Which process a message is from.
#pragma once

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

} // namespace adsp
