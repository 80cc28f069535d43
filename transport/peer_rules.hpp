// Access rules, as the transport asks for them; implemented by `access`.
#pragma once

#include <caf/node_id.hpp>

#include <string>
#include <string_view>

namespace adsp::transport {

/// Called by the multiplexer's thread.
class peer_rules {
public:
  virtual ~peer_rules() = default;

  /// Whether `peer` has been admitted: it may send long messages.
  virtual bool admitted(const caf::node_id& peer) const = 0;

  /// Whether `peer` may send a message of these types, "+first+second", other than as an answer.
  virtual bool may_ask(const caf::node_id& peer, std::string_view types) const = 0;

  /// Whether `peer`, or any peer with a certificate of this name (empty: without TLS), has been
  /// dropped: nothing is accepted from it any more.
  virtual bool dropped(const caf::node_id& peer, const std::string& certificate) const = 0;

  /// `peer` has sent a malformed message, which has been discarded.
  virtual void strike(const caf::node_id& peer, const std::string& what) = 0;
};

} // namespace adsp::transport
