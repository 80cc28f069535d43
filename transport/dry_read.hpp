// Whether bytes are a message that can be read, found out without copying what its blocks hold.
#pragma once

#include "messages/block_bytes.hpp"

#include <caf/actor_system.hpp>
#include <caf/execution_unit.hpp>
#include <caf/node_id.hpp>
#include <caf/proxy_registry.hpp>

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace adsp {

/// Where a deserializer reads for that alone: blocks are passed over, and of other processes'
/// actors no proxies are made: their handles stay empty, and are noted.
class dry_read final : public caf::execution_unit,
                       public dry_reader,
                       private caf::proxy_registry::backend {
public:
  /// `freight` gets the bytes of each block that is not in the message.
  dry_read(caf::actor_system& system, std::vector<std::size_t>& freight)
      : execution_unit{&system}, registry_{system, *this}, freight_{freight} {
    proxy_registry_ptr(&registry_);
  }
  void exec_later(caf::resumable*) override {} // nobody runs here

  /// Where the actor of the next handle that has stayed empty is said to be: nowhere when it is
  /// none, nothing when no other process's has been read.
  std::optional<caf::node_id> next_place();
  /// Whether each has been asked for.
  bool all_seen() const { return next_ == places_.size(); }

  /// Whether a block of so many bytes is freight; it is noted then.
  bool takes_freight(std::size_t bytes) override;

private:
  caf::strong_actor_ptr make_proxy(caf::node_id node, caf::actor_id id) override;
  void set_last_hop(caf::node_id*) override {}

  caf::proxy_registry registry_;
  std::vector<caf::node_id> places_; ///< in the order of reading
  std::size_t next_ = 0;
  std::vector<std::size_t>& freight_;
};

/// `bytes`: a message as it comes from the process `sender`, behind whom it goes through. No
/// message holds a handle of no actor, or one of an actor that is not there any more; all are of
/// the sender's own actors, but for those in lists. `freight` becomes the bytes of each block that
/// has to come beside it.
bool readable(caf::actor_system& system, std::span<const char> bytes, const caf::node_id& sender,
              std::vector<std::size_t>& freight);

} // namespace adsp
