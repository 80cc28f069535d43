// Whether bytes are a message that can be read, found out without copying what its blocks hold.
#pragma once

#include <caf/actor_system.hpp>
#include <caf/execution_unit.hpp>

#include <span>

namespace adsp {

/// Where a deserializer reads for that alone: blocks are passed over, and no proxies of other
/// processes' actors are made.
class skimming final : public caf::execution_unit {
public:
  explicit skimming(caf::actor_system& system) : execution_unit{&system} {}
  void exec_later(caf::resumable*) override {} // nobody runs here
};

/// `bytes`: a message as it comes from another process, behind whom it goes through. What follows
/// the first actor of another process is not looked at.
bool readable(caf::actor_system& system, std::span<const char> bytes);

} // namespace adsp
