// Refuses messages for which an actor has no handler. CAF would print them, whoever sent them.
#pragma once

#include "actors/rights/access.hpp"
#include "messages/errors.hpp"

#include <caf/message_view.hpp>
#include <caf/result.hpp>

#include <memory>
#include <utility>

namespace adsp {

/// From now on `self` answers such messages with the error not_permitted and counts each as a
/// strike against its peer. If `rights` is null, there are no peers.
template <class Self>
void refuse_unexpected(Self* self, std::shared_ptr<access> rights) {
  self->set_default_handler(
      [self, rights = std::move(rights)](auto*, caf::message_view&) -> caf::result<caf::message> {
        const auto& sender = self->current_sender();
        if (rights && sender)
          rights->strike(sender->node(), "a message that its receiver does not accept");
        return make_error(ec::not_permitted, "a message of this type");
      });
}

} // namespace adsp
