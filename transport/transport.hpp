// How actors of different processes reach each other: CAF's BASP over TCP, with TLS and client
// certificates when there are any.
#pragma once

#include "transport/endpoint.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/expected.hpp>
#include <caf/io/middleman.hpp>
#include <caf/openssl/manager.hpp>
#include <caf/openssl/publish.hpp>
#include <caf/openssl/remote_actor.hpp>

#include <chrono>
#include <cstdint>
#include <set>
#include <string>

namespace adsp::transport {

/// How long connecting may take.
inline constexpr std::chrono::seconds connect_timeout{10};

struct transport_options {
  bool secure = false;
  std::string certificate; ///< path, PEM
  std::string key;         ///< path, PEM
  std::string authority;   ///< path, PEM
};

/// Before the actor system is made.
void configure(caf::actor_system_config& config, const transport_options& x);

/// Listens; the port bound. Port 0: any that is free.
template <class Handle>
caf::expected<std::uint16_t> publish(caf::actor_system& system, const Handle& x,
                                     const std::string& host, std::uint16_t port) {
  if (system.has_openssl_manager())
    return caf::openssl::publish(x, port, host.c_str(), true);
  return system.middleman().publish(x, port, host.c_str(), true);
}

/// The actor published there.
template <class Handle>
caf::expected<Handle> connect(caf::actor_system& system, const std::string& host,
                              std::uint16_t port) {
  if (system.has_openssl_manager())
    return caf::openssl::remote_actor<Handle>(system, host, port);
  return system.middleman().remote_actor<Handle>(host, port);
}

/// Connects this process to the one that listens at `where`, whatever actor it has published there, and
/// calls `done` of an event-based actor with the error or without one.
template <class Self, class Done>
void reach(Self* self, const endpoint& where, Done done) {
  auto& system = self->system();
  const auto broker = system.has_openssl_manager() ? system.openssl_manager().actor_handle()
                                                   : system.middleman().actor_handle();
  self->request(broker, connect_timeout, caf::connect_atom::value, where.host, where.port)
      .then([done](const caf::node_id&, const caf::strong_actor_ptr&,
                   const std::set<std::string>&) { done(caf::error{}); },
            [done](caf::error& why) { done(std::move(why)); });
}

} // namespace adsp::transport
