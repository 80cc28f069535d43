// What the transport asks about the processes at the other ends, of whoever knows their rights.
#pragma once

#include <caf/node_id.hpp>

#include <string>
#include <string_view>

namespace adsp::transport {

/// Called by the multiplexer's thread.
class peer_rules {
public:
  virtual ~peer_rules() = default;

  /// Whether `peer` takes part, and may send what is long.
  virtual bool admitted(const caf::node_id& peer) const = 0;

  /// Whether `peer` may send a message of these types, "+first+second", which is no answer.
  virtual bool may_ask(const caf::node_id& peer, std::string_view types) const = 0;

  /// Whether nothing is taken any more from `peer`, or from anybody with the certificate of this
  /// name (empty: without TLS).
  virtual bool dropped(const caf::node_id& peer, const std::string& certificate) const = 0;

  /// `peer` has sent what makes no sense; nobody has got it.
  virtual void strike(const caf::node_id& peer, const std::string& what) = 0;
};

} // namespace adsp::transport
