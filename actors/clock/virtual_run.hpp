// Runs a topology in virtual time until a condition holds.
#pragma once

#include "actors/clock/large_pages.hpp"
#include "actors/clock/virtual_time.hpp"

namespace adsp {

/// Runs all pending messages, then fires the next timer, and so on until `done()`. Calls
/// `between()` after each timer and its messages. False if nothing is left to run before that.
template <class Done, class Between>
bool run_until(virtual_coordinator& world, Done done, Between between) {
  world.run();
  use_large_pages(); // all actors have started
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
