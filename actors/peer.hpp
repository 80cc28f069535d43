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

} // namespace adsp
