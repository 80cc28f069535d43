// Mock neighbours: actors with handlers for the messages that they are to get. Any other message fails
// the test, so a message that is new to an actor changes none of its mocks.
#pragma once

#include "messages/protocol.hpp"

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/deduce_mpi.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/message_handler.hpp>
#include <caf/message_view.hpp>
#include <caf/type_erased_tuple.hpp>
#include <caf/uniform_type_info_map.hpp>

#include <doctest/doctest.h>

#include <cstddef>
#include <string>

namespace adsp::test {

/// For the report of a failure: the types of a message and what it holds.
inline std::string described(const caf::type_erased_tuple& message, caf::actor_system& system) {
  std::string text;
  for (std::size_t i = 0; i < message.size(); ++i)
    text += system.types().portable_name(message.type(i)) + " ";
  return text + message.stringify();
}

/// What a mock of an actor with this interface does: some of the interface's handlers, one at least.
template <class Interface>
class mock {
public:
  template <class... Handlers>
  mock(Handlers... handlers) : handlers_{handlers...} {
    static_assert(sizeof...(Handlers) > 0, "an actor without handlers ends at once");
    static_assert((caf::detail::tl_contains<typename Interface::signatures,
                                            caf::deduce_mpi_t<Handlers>>::value &&
                   ...),
                  "a handler takes or answers what the interface does not");
  }

  /// The behaviour of `self`.
  caf::behavior start(caf::event_based_actor* self) const {
    self->set_default_handler(
        [](caf::scheduled_actor* receiver, caf::message_view& other) -> caf::result<caf::message> {
          FAIL("this mock must not get " << described(other.content(), receiver->system()));
          return caf::sec::unexpected_message;
        });
    return handlers_;
  }

private:
  caf::message_handler handlers_;
};

/// Spawns the mock that `make` describes.
template <class Interface, class... Parameters, class... Arguments>
Interface spawn_mock(caf::actor_system& system,
                     mock<Interface> (*make)(caf::event_based_actor*, Parameters...),
                     Arguments... arguments) {
  const auto behave = [=](caf::event_based_actor* self, int) -> caf::behavior {
    return make(self, arguments...).start(self);
  };
  // The number is of no use: CAF 0.17 takes a reference to no arguments where there are none.
  return caf::actor_cast<Interface>(system.spawn(behave, 0));
}

} // namespace adsp::test
