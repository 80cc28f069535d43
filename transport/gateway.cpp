#include "transport/gateway.hpp"

#include "messages/errors.hpp"
#include "transport/sockets.hpp"
#include "transport/tls.hpp"

#include <caf/io/basp_broker.hpp>
#include <caf/io/middleman.hpp>
#include <caf/io/middleman_actor_impl.hpp>
#include <caf/io/network/default_multiplexer.hpp>
#include <caf/io/network/doorman_impl.hpp>
#include <caf/io/network/stream_impl.hpp>
#include <caf/policy/tcp.hpp>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <deque>
#include <utility>

namespace adsp::transport {

namespace {

namespace network = caf::io::network;

/// TCP as it is, in the form of `tls_connection`.
struct plain_connection {
  rw_state read_some(std::size_t& result, native_socket fd, void* buffer, std::size_t size) {
    return caf::policy::tcp::read_some(result, fd, buffer, size);
  }
  rw_state write_some(std::size_t& result, native_socket fd, const void* buffer, std::size_t size) {
    if (size == 0) {
      result = 0;
      return rw_state::indeterminate;
    }
    return caf::policy::tcp::write_some(result, fd, buffer, size);
  }
  bool must_read_more(native_socket, std::size_t) const { return false; }
};

/// Tells of one peer once.
class refusal {
public:
  refusal(std::shared_ptr<const transport_options> options, std::string peer)
      : options_{std::move(options)}, peer_{std::move(peer)} {}

  void tell(const std::string& why) {
    if (!std::exchange(told_, true))
      options_->log("peer=" + peer_ + " refused reason=\"" + why + "\"");
  }

private:
  std::shared_ptr<const transport_options> options_;
  std::string peer_;
  bool told_ = false;
};

/// What every connection can be asked, whatever it is made of.
class guarded_scribe : public caf::io::scribe {
public:
  using scribe::scribe;

  /// Has not said who it is yet.
  virtual bool stranger() const = 0;
  virtual void turn_away(const std::string& why) = 0;
};

/// Reads no more than a peer may announce.
template <class Connection>
class connection_scribe final : public guarded_scribe {
public:
  template <class... Ts>
  connection_scribe(network::default_multiplexer& backend, native_socket fd,
                    std::shared_ptr<refusal> refused, Ts&&... xs)
      : guarded_scribe{network::conn_hdl_from_socket(fd)}, refused_{std::move(refused)},
        stream_{backend, fd, std::forward<Ts>(xs)...} {}

  void configure_read(caf::io::receive_policy::config x) override {
    ++announced_;
    if (x.second > (stranger() ? max_greeting_bytes : max_message_bytes)) {
      turn_away("it announces a message of " + std::to_string(x.second) + " bytes");
      x = caf::io::receive_policy::exactly(1);
    }
    stream_.configure_read(x);
    if (!std::exchange(launched_, true)) {
      stream_.start(this);
      stream_.force_empty_write(this); // a handshake may have to begin
    }
  }

  /// Its greeting is a header and what follows it; then comes the next header.
  bool stranger() const override { return announced_ < 3; }

  void turn_away(const std::string& why) override {
    refused_->tell(why);
    shut_down(stream_.fd()); // the next read ends the connection
  }

  void ack_writes(bool enable) override { stream_.ack_writes(enable); }
  std::vector<char>& wr_buf() override { return stream_.wr_buf(); }
  std::vector<char>& rd_buf() override { return stream_.rd_buf(); }
  void flush() override { stream_.flush(this); }
  void add_to_loop() override { stream_.activate(this); }
  void remove_from_loop() override { stream_.passivate(); }
  void graceful_shutdown() override {
    stream_.graceful_shutdown();
    detach(&stream_.backend(), false);
  }
  std::string addr() const override {
    const auto found = network::remote_addr_of_fd(stream_.fd());
    return found ? *found : std::string{};
  }
  std::uint16_t port() const override {
    const auto found = network::remote_port_of_fd(stream_.fd());
    return found ? *found : std::uint16_t{0};
  }

private:
  std::shared_ptr<refusal> refused_;
  network::stream_impl<Connection> stream_;
  int announced_ = 0; ///< reads that have been configured
  bool launched_ = false;
};

/// Makes connections of one kind.
struct connection_maker {
  std::shared_ptr<const transport_options> options;
  std::shared_ptr<const tls_context> context; ///< none without TLS

  caf::intrusive_ptr<guarded_scribe> make(network::default_multiplexer& backend, native_socket fd,
                                          tls_connection::side which) const {
    auto refused = std::make_shared<refusal>(options, name_of_peer(fd));
    if (context)
      return caf::make_counted<connection_scribe<tls_connection>>(
          backend, fd, refused, context, fd, which, [refused, fd](const std::string& why) {
            refused->tell(why);
            shut_down(fd);
          });
    return caf::make_counted<connection_scribe<plain_connection>>(backend, fd, refused);
  }
};

/// Lets peers in, and few at a time who do not say who they are.
class guarded_doorman final : public network::doorman_impl {
public:
  guarded_doorman(network::default_multiplexer& backend, native_socket fd, connection_maker maker)
      : doorman_impl{backend, fd}, maker_{std::move(maker)} {}

  bool new_connection() override {
    if (detached())
      return false;
    const auto fd = acceptor_.accepted_socket();
    prepare(fd);
    auto peer = maker_.make(acceptor_.backend(), fd, tls_connection::side::accepting);
    std::erase_if(strangers_, [](const auto& x) { return x->detached() || !x->stranger(); });
    if (strangers_.size() == max_strangers) {
      strangers_.front()->turn_away("it does not say who it is");
      strangers_.pop_front();
    }
    strangers_.push_back(peer);
    const auto handle = peer->hdl();
    parent()->add_scribe(std::move(peer));
    return doorman::new_connection(&acceptor_.backend(), handle);
  }

private:
  connection_maker maker_;
  std::deque<caf::intrusive_ptr<guarded_scribe>> strangers_; ///< in the order of coming
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
    return caf::io::scribe_ptr{maker_.make(backend(), fd, tls_connection::side::connecting)};
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

} // namespace

void configure(caf::actor_system_config& config) {
  config.load<caf::io::middleman>();
}

gateway::gateway(caf::actor_system& system, const transport_options& x) : system_{system} {
  raise_file_limit();
  std::signal(SIGPIPE, SIG_IGN); // TLS writes to connections that the peer has closed
  connection_maker maker{std::make_shared<const transport_options>(x),
                         x.secure ? std::make_shared<const tls_context>(x) : nullptr};
  auto broker = system.middleman().named_broker<caf::io::basp_broker>(caf::atom("BASP"));
  actor_ = system.spawn<guarded_middleman, caf::detached + caf::hidden>(std::move(broker),
                                                                        std::move(maker));
}

gateway::~gateway() {
  caf::scoped_actor self{system_, true};
  self->send_exit(actor_, caf::exit_reason::kill);
  self->wait_for(actor_);
}

caf::expected<std::uint16_t> gateway::publish_actor(const caf::strong_actor_ptr& x,
                                                    std::set<std::string> messages,
                                                    const endpoint& at) {
  caf::scoped_actor self{system_, true};
  caf::expected<std::uint16_t> result{caf::sec::runtime_error};
  self->request(actor_, connect_timeout, caf::publish_atom::value, at.port, x, std::move(messages),
                at.host, true)
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
          [&](const caf::node_id&, caf::strong_actor_ptr& x, const std::set<std::string>& offers) {
            if (x && system_.assignable(offers, messages))
              result = std::move(x);
            else
              result = caf::error{caf::sec::unexpected_actor_messaging_interface};
          },
          [&](caf::error& why) { result = std::move(why); });
  return result;
}

} // namespace adsp::transport
