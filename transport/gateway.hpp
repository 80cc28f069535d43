// Connects the actors of this process with those of others: CAF's BASP over TCP, with TLS when there
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

/// How long connecting may take, the other side's greeting included.
inline constexpr std::chrono::seconds connect_timeout{10};

/// Before the actor system is made; a gateway's has to be set up so.
void configure(caf::actor_system_config& config);

/// Lives shorter than the actor system.
class gateway {
public:
  /// `all` learns who is connected; `rights` say what they may do, without them everything is allowed.
  /// Throws std::runtime_error when a certificate cannot be used.
  gateway(caf::actor_system& system, const transport_options& options,
          std::shared_ptr<peers> all = std::make_shared<peers>(),
          std::shared_ptr<peer_rules> rights = nullptr);
  gateway(const gateway&) = delete;
  gateway& operator=(const gateway&) = delete;
  ~gateway();

  /// Takes requests to connect and to publish, as caf::io::middleman_actor says.
  const caf::io::middleman_actor& actor() const { return actor_; }

  /// Listens; the port bound. Port 0: any that is free.
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
  caf::actor watch_; ///< closes connections that do not say who they are
};

/// Connects this process to the one that listens at `where`, whatever actor it has published there,
/// and calls `done` of an event-based actor with the error or without one.
template <class Self, class Done>
void reach(Self* self, const caf::io::middleman_actor& through, const endpoint& where, Done done) {
  self->request(through, connect_timeout, caf::connect_atom::value, where.host, where.port)
      .then([done](const caf::node_id&, const caf::strong_actor_ptr&,
                   const std::set<std::string>&) { done(caf::error{}); },
            [done](caf::error& why) { done(std::move(why)); });
}

} // namespace adsp::transport
