// Checks whether bytes can be deserialised as a message, without copying the contents of blocks.
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

/// Deserialisation context of a dry run: skips block contents and creates no proxies of other
/// processes' actors; their handles stay null and the ids of these processes are recorded.
class dry_read final : public caf::execution_unit,
                       public dry_reader,
                       private caf::proxy_registry::backend {
public:
  /// `freight` receives the size in bytes of each block that is not in the message.
  dry_read(caf::actor_system& system, std::vector<std::size_t>& freight)
      : execution_unit{&system}, registry_{system, *this}, freight_{freight} {
    proxy_registry_ptr(&registry_);
  }
  void exec_later(caf::resumable*) override {} // nothing is executed here

  /// The recorded process of the next null handle; an empty id if the handle was sent as null,
  /// nothing if no more have been recorded.
  std::optional<caf::node_id> next_place();
  /// Whether each recorded process has been returned by `next_place`.
  bool all_seen() const { return next_ == places_.size(); }

  /// Whether a block of `bytes` bytes is freight; if so, records its size.
  bool takes_freight(std::size_t bytes) override;

private:
  caf::strong_actor_ptr make_proxy(caf::node_id node, caf::actor_id id) override;
  void set_last_hop(caf::node_id*) override {}

  caf::proxy_registry registry_;
  std::vector<caf::node_id> places_; ///< in the order of reading
  std::size_t next_ = 0;
  std::vector<std::size_t>& freight_;
};

/// Whether `bytes` (forwarding stages, then contents) can be deserialised as a message from process
/// `sender`. Every actor handle must be non-null and live in `sender`; only shards in `work` may
/// live elsewhere. `freight` receives the size in bytes of each block that must come beside it.
bool readable(caf::actor_system& system, std::span<const char> bytes, const caf::node_id& sender,
              std::vector<std::size_t>& freight);

} // namespace adsp
