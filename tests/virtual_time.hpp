// An actor system whose messages run only when the test says so and whose clock moves by hand.
#pragma once

#include "actors/clock/actor_time.hpp"
#include "actors/clock/system_config.hpp"
#include "actors/clock/virtual_time.hpp"
#include "messages/protocol.hpp"

#include <caf/actor_system.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <doctest/doctest.h>

#include <optional>
#include <vector>

namespace adsp::test {

class virtual_time {
public:
  virtual_time()
      : system{config},
        coordinator{dynamic_cast<virtual_coordinator&>(system.scheduler())}, self{system} {}

  ~virtual_time() {
    for (auto& x : spawned)
      caf::anon_send_exit(x, caf::exit_reason::kill);
    settle();
    coordinator.clock().cancel_all();
    settle();
  }

  /// Remembers an actor so that the end of the test ends it.
  template <class Handle>
  Handle own(Handle x) {
    spawned.push_back(caf::actor_cast<caf::actor>(x));
    return x;
  }

  /// Runs messages until none is left; time stands still.
  void settle() { coordinator.run(); }

  /// Runs messages and timeouts of the next `x` seconds.
  void advance(double x) {
    auto& clock = coordinator.clock();
    const auto until = clock.now() + to_duration(x);
    settle();
    for (auto due = clock.next_due(); due && *due <= until; due = clock.next_due()) {
      clock.trigger_next();
      settle();
    }
    clock.current_time = until;
  }

  /// Sends a request and runs messages, no time, until it is answered.
  template <class Answer, class Handle, class... Ts>
  std::optional<Answer> ask(const Handle& destination, Ts&&... xs) {
    auto pending = self->request(destination, caf::infinite, std::forward<Ts>(xs)...);
    settle();
    std::optional<Answer> answer;
    pending.receive([&](Answer& x) { answer = std::move(x); },
                    [&](caf::error& why) { error = std::move(why); });
    return answer;
  }

  /// Sends a request that is answered without a value and runs messages, no time; whether it was.
  template <class Handle, class... Ts>
  bool tell(const Handle& destination, Ts&&... xs) {
    auto pending = self->request(destination, caf::infinite, std::forward<Ts>(xs)...);
    settle();
    bool done = false;
    pending.receive([&] { done = true; }, [&](caf::error& why) { error = std::move(why); });
    return done;
  }

  system_config config{drive::virtual_time};
  caf::actor_system system;
  virtual_coordinator& coordinator;
  caf::scoped_actor self;
  std::vector<caf::actor> spawned;
  caf::error error; ///< of the last `ask` that was refused
};

} // namespace adsp::test
