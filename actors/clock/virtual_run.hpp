// Runs a topology in virtual time until something has happened.
#pragma once

#include "actors/clock/virtual_time.hpp"

namespace adsp {

/// Lets all messages of the present moment run, then fires the next timer, and so on until
/// `done()`. Calls `between()` after each timer and its messages. False when nothing is left to
/// happen before.
template <class Done, class Between>
bool run_until(virtual_coordinator& world, Done done, Between between) {
  world.run();
  while (!done()) {
    if (!world.clock().trigger_next())
      return false;
    world.run();
    between();
  }
  return true;
}

template <class Done>
bool run_until(virtual_coordinator& world, Done done) {
  return run_until(world, done, [] {});
}

} // namespace adsp
