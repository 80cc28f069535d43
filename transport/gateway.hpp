// Connects the actors of this process with those of others: CAF's BASP over TCP, with TLS if there
// are certificates. Replaces CAF's middleman. Unlike it, rejects impossible lengths, limits
// unidentified connections, and keeps one connection's failure from others.
#pragma once

#include "transport/endpoint.hpp"
#include "transport/options.hpp"
#include "transport/peer_rules.hpp"
#include "transport/peers.hpp"

#include <caf/actor.hpp>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/expected.hpp>
#include <caf/io/middleman_actor.hpp>
#include <caf/scoped_actor.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <set>
#include <string>

namespace adsp::transport {

/// Timeout of connecting, including the other side's greeting.
inline constexpr std::chrono::seconds connect_timeout{10};

/// Must be called on the configuration of a gateway's actor system, before the system is made.
void configure(caf::actor_system_config& config);

/// Must not outlive the actor system.
class gateway {
public:
  /// `all` is kept up to date with the connections; `rights` decides what peers may do, if null
  /// they may do everything. Throws std::runtime_error if a certificate cannot be used.
  gateway(caf::actor_system& system, const transport_options& options,
          std::shared_ptr<peers> all = std::make_shared<peers>(),
          std::shared_ptr<peer_rules> rights = nullptr);
  gateway(const gateway&) = delete;
  gateway& operator=(const gateway&) = delete;
  ~gateway();

  /// Takes requests to connect and to publish, as defined by caf::io::middleman_actor.
  const caf::io::middleman_actor& actor() const { return actor_; }

  /// Listens, and returns the port bound. Port 0: any free one.
  template <class Handle>
  caf::expected<std::uint16_t> publish(const Handle& x, const endpoint& at) {
    return publish_actor(caf::actor_cast<caf::strong_actor_ptr>(x), system_.message_types(x), at);
  }

  /// The actor published there.
  template <class Handle>
  caf::expected<Handle> connect(const endpoint& at) {
    auto found = connect_actor(system_.message_types<Handle>(), at);
    if (!found)
      return std::move(found.error());
    return caf::actor_cast<Handle>(*found);
  }

private:
  caf::expected<std::uint16_t> publish_actor(const caf::strong_actor_ptr& actor,
                                             std::set<std::string> messages, const endpoint& at);
  caf::expected<caf::strong_actor_ptr> connect_actor(const std::set<std::string>& messages,
                                                     const endpoint& at);

  caf::actor_system& system_;
  caf::io::middleman_actor actor_;
  caf::actor watch_; ///< closes connections that do not identify themselves
};

/// Connects this process to the one that listens at `where`, whatever actor it has published there,
/// and then calls `done`, in the event-based actor `self`, with the error if there was one.
template <class Self, class Done>
void reach(Self* self, const caf::io::middleman_actor& through, const endpoint& where, Done done) {
  self->request(through, connect_timeout, caf::connect_atom::value, where.host, where.port)
      .then([done](const caf::node_id&, const caf::strong_actor_ptr&,
                   const std::set<std::string>&) { done(caf::error{}); },
            [done](caf::error& why) { done(std::move(why)); });
}

} // namespace adsp::transport
