#include "transport/gateway.hpp"

#include "messages/errors.hpp"
#include "messages/node_types.hpp"
#include "transport/connection_scribe.hpp"
#include "transport/sockets.hpp"
#include "transport/tls.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/io/basp_broker.hpp>
#include <caf/io/middleman.hpp>
#include <caf/io/middleman_actor_impl.hpp>
#include <caf/io/network/default_multiplexer.hpp>
#include <caf/io/network/doorman_impl.hpp>
#include <caf/policy/tcp.hpp>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <functional>
#include <span>
#include <stdexcept>
#include <utility>
#include <vector>

namespace adsp::transport {

namespace {

/// Whether the bytes begin like TLS, with a handshake record of version 3.
bool speaks_tls(const char* bytes, std::size_t size) {
  return size > 1 && bytes[0] == 0x16 && bytes[1] == 3;
}

/// Plain TCP, with the interface of `tls_connection`.
class plain_connection {
public:
  explicit plain_connection(std::function<void(const std::string&)> failed)
      : failed_{std::move(failed)} {}

  rw_state read_some(std::size_t& result, native_socket fd, void* buffer, std::size_t size) {
    result = 0;
    const auto state = caf::policy::tcp::read_some(result, fd, buffer, size);
    if (result == 0 || std::exchange(begun_, true) ||
        !speaks_tls(static_cast<const char*>(buffer), result))
      return state;
    failed_("it speaks TLS: give --certificates on both sides");
    return rw_state::failure;
  }
  rw_state write_some(std::size_t& result, native_socket fd, std::span<const iovec> pieces) {
    return send_pieces(fd, pieces, result) ? rw_state::success : rw_state::failure;
  }
  bool must_read_more() const { return false; }
  bool must_read_first() const { return false; }

private:
  std::function<void(const std::string&)> failed_; ///< called if the other side speaks TLS
  bool begun_ = false;                             ///< the first bytes have been received
};

/// Makes connections of one kind.
struct connection_maker {
  caf::actor_system* system;
  std::shared_ptr<const transport_options> options;
  std::shared_ptr<const tls_context> context; ///< null without TLS
  std::shared_ptr<peers> all;
  std::shared_ptr<peer_rules> rights;

  caf::io::scribe_ptr make(network::default_multiplexer& backend, native_socket fd,
                           side which) const {
    prepare(fd, options->silence);
    auto end = std::make_shared<connection_closer>(options, fd);
    auto known = std::make_shared<channel>();
    const auto number = all->arrive(end, which, system->clock().now());
    connection_parts parts{end, all, known, number,
                           frame_guard{system->node(), which, all, rights, number, system}};
    const auto failed = [end](const std::string& why) { end->close(why); };
    if (context)
      return caf::make_counted<connection_scribe<tls_connection>>(
          backend, fd, std::move(parts), context, fd, which, known, failed);
    return caf::make_counted<connection_scribe<plain_connection>>(backend, fd, std::move(parts),
                                                                  failed);
  }
};

class guarded_doorman final : public network::doorman_impl {
public:
  guarded_doorman(network::default_multiplexer& backend, native_socket fd, connection_maker maker)
      : doorman_impl{backend, fd}, maker_{std::move(maker)} {}

  bool new_connection() override {
    if (detached())
      return false;
    const auto fd = acceptor_.accepted_socket();
    auto peer = maker_.make(acceptor_.backend(), fd, side::accepting);
    const auto handle = peer->hdl();
    parent()->add_scribe(std::move(peer));
    return doorman::new_connection(&acceptor_.backend(), handle);
  }

private:
  connection_maker maker_;
};

class guarded_middleman final : public caf::io::middleman_actor_impl {
public:
  guarded_middleman(caf::actor_config& config, caf::actor broker, connection_maker maker)
      : middleman_actor_impl{config, std::move(broker)}, maker_{std::move(maker)} {}

  const char* name() const override { return "gateway"; }

protected:
  caf::expected<caf::io::scribe_ptr> connect(const std::string& host, std::uint16_t port) override {
    const auto fd = connect_socket(host, port, connect_timeout / 2);
    if (fd == network::invalid_native_socket)
      return errno_error(errno);
    return maker_.make(backend(), fd, side::connecting);
  }

  caf::expected<caf::io::doorman_ptr> open(std::uint16_t port, const char* address,
                                           bool reuse) override {
    errno = 0;
    auto fd = network::new_tcp_acceptor_impl(port, address, reuse);
    if (!fd)
      return errno > 0 ? errno_error(errno) : std::move(fd.error());
    return caf::io::doorman_ptr{caf::make_counted<guarded_doorman>(backend(), *fd, maker_)};
  }

private:
  network::default_multiplexer& backend() {
    return dynamic_cast<network::default_multiplexer&>(system().middleman().backend());
  }

  connection_maker maker_;
};

/// Closes connections, accepted or made, that do not identify themselves in time: CAF's middleman
/// would let all attempts to reach one address wait for the first one, for ever.
caf::behavior watch(caf::event_based_actor* self, std::shared_ptr<peers> all,
                    std::chrono::milliseconds greeting_time) {
  self->delayed_send(self, greeting_time / 4, caf::tick_atom::value);
  return {[=, all = std::move(all)](caf::tick_atom) {
    self->delayed_send(self, greeting_time / 4, caf::tick_atom::value);
    all->give_up(self->clock().now() - greeting_time);
  }};
}

} // namespace

void configure(caf::actor_system_config& config) {
  config.load<caf::io::middleman>();
  // The receiving thread deserialises messages: since blocks are separate, there is little to read,
  // and nothing to copy for another thread.
  config.set("middleman.workers", std::size_t{0});
  // A process with another protocol version is refused at once: even its hello may differ.
  config.set("middleman.app-identifiers",
             std::vector<std::string>{"adsp " + std::to_string(protocol_version)});
}

gateway::gateway(caf::actor_system& system, const transport_options& options,
                 std::shared_ptr<peers> all, std::shared_ptr<peer_rules> rights)
    : system_{system} {
  if (caf::get_or(system.config(), "middleman.workers", std::size_t{1}) != 0)
    throw std::logic_error{
        "the actor system of a gateway has to be set up by transport::configure"};
  raise_file_limit();
  std::signal(SIGPIPE, SIG_IGN); // TLS may write to a connection that the peer has closed
  connection_maker maker{&system, std::make_shared<const transport_options>(options),
                         options.secure ? std::make_shared<const tls_context>(options) : nullptr,
                         all, std::move(rights)};
  auto broker = system.middleman().named_broker<caf::io::basp_broker>(caf::atom("BASP"));
  actor_ = system.spawn<guarded_middleman, caf::detached + caf::hidden>(std::move(broker),
                                                                        std::move(maker));
  watch_ = system.spawn<caf::hidden>(watch, std::move(all), options.greeting_time);
}

gateway::~gateway() {
  caf::scoped_actor self{system_, true};
  self->send_exit(watch_, caf::exit_reason::kill);
  self->send_exit(actor_, caf::exit_reason::kill);
  self->wait_for(actor_);
}

caf::expected<std::uint16_t> gateway::publish_actor(const caf::strong_actor_ptr& actor,
                                                    std::set<std::string> messages,
                                                    const endpoint& at) {
  caf::scoped_actor self{system_, true};
  caf::expected<std::uint16_t> result{caf::sec::runtime_error};
  self->request(actor_, connect_timeout, caf::publish_atom::value, at.port, actor,
                std::move(messages), at.host, true)
      .receive([&](std::uint16_t port) { result = port; },
               [&](caf::error& why) { result = std::move(why); });
  return result;
}

caf::expected<caf::strong_actor_ptr> gateway::connect_actor(const std::set<std::string>& messages,
                                                            const endpoint& at) {
  caf::scoped_actor self{system_, true};
  caf::expected<caf::strong_actor_ptr> result{caf::sec::cannot_connect_to_node};
  self->request(actor_, connect_timeout, caf::connect_atom::value, at.host, at.port)
      .receive(
          [&](const caf::node_id&, caf::strong_actor_ptr& actor,
              const std::set<std::string>& offers) {
            if (actor && system_.assignable(offers, messages))
              result = std::move(actor);
            else
              result = caf::error{caf::sec::unexpected_actor_messaging_interface};
          },
          [&](caf::error& why) { result = std::move(why); });
  return result;
}

} // namespace adsp::transport
