// A connection as CAF's broker sees it: it reads frame by frame, and gives to the broker only what
// the peer may say (`conversation`).
#pragma once

#include "transport/breaker.hpp"
#include "transport/conversation.hpp"
#include "transport/peers.hpp"

#include <caf/binary_deserializer.hpp>
#include <caf/io/network/default_multiplexer.hpp>
#include <caf/io/network/stream_impl.hpp>
#include <caf/io/scribe.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace adsp::transport {

namespace network = caf::io::network;
using network::native_socket;

/// What every connection needs, whatever it is made of.
struct connection_parts {
  std::shared_ptr<breaker> end;
  std::shared_ptr<peers> all;
  std::shared_ptr<channel> known; ///< of the peer; TLS fills it in
  peers::number number;           ///< among all
  conversation talk;
};

template <class Connection>
class connection_scribe final : public caf::io::scribe {
public:
  template <class... Ts>
  connection_scribe(network::default_multiplexer& backend, native_socket fd, connection_parts x,
                    Ts&&... xs)
      : scribe{network::conn_hdl_from_socket(fd)}, parts_{std::move(x)}, stream_{backend, fd,
                                                                                 std::forward<Ts>(
                                                                                     xs)...} {}
  ~connection_scribe() override { retire(); }

  /// The broker asks for a header, then for its payload, and so on: what comes next is known here.
  void configure_read(caf::io::receive_policy::config) override {
    if (std::exchange(launched_, true))
      return;
    read_next(caf::io::basp::header_size);
    stream_.start(this);
    stream_.force_empty_write(this); // a handshake may have to begin
  }

  bool consume(caf::execution_unit* context, const void*, std::size_t size) override {
    if (detached())
      return false;
    if (ending_)
      return end(context);
    return awaits_payload_ ? take_payload(context, size) : take_header(context);
  }

  void ack_writes(bool enable) override { stream_.ack_writes(enable); }
  /// The broker asks for this, writes a frame, and flushes.
  std::vector<char>& wr_buf() override {
    if (!unseen_)
      unseen_ = stream_.wr_buf().size();
    return stream_.wr_buf();
  }
  std::vector<char>& rd_buf() override { return stream_.rd_buf(); }
  void flush() override {
    auto& buffer = stream_.wr_buf();
    const auto from =
        std::min(std::exchange(unseen_, std::nullopt).value_or(buffer.size()), buffer.size());
    if (!ending_ &&
        parts_.talk.say(std::span{buffer}.subspan(from), buffer.size()) == verdict::refuse) {
      ending_ = true; // the next read, of nothing, ends the connection
      parts_.end->open(parts_.talk.why());
    }
    if (ending_)
      buffer.clear();
    else
      stream_.flush(this);
  }
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

protected:
  void detach_from(caf::io::abstract_broker* x) override {
    parts_.all->leave(parts_.number);
    scribe::detach_from(x);
  }

private:
  void read_next(std::size_t bytes) {
    stream_.configure_read(caf::io::receive_policy::exactly(bytes));
  }

  bool take_header(caf::execution_unit* context) {
    caf::io::basp::header x;
    caf::binary_deserializer source{context, rd_buf().data(), caf::io::basp::header_size};
    if (source(x) || parts_.talk.hear(x) == verdict::refuse)
      return end(context);
    if (x.payload_len == 0)
      return scribe::consume(context, nullptr, caf::io::basp::header_size);
    header_.assign(rd_buf().begin(), rd_buf().begin() + caf::io::basp::header_size);
    awaits_payload_ = true;
    read_next(x.payload_len);
    return true;
  }

  bool take_payload(caf::execution_unit* context, std::size_t size) {
    awaits_payload_ = false;
    read_next(caf::io::basp::header_size);
    const auto found = parts_.talk.hear({rd_buf().data(), size}, *parts_.known);
    if (found == verdict::skip)
      return true;
    if (found == verdict::refuse)
      return end(context);
    // The broker has not seen the header yet: give it that, then the payload, each in the stream's
    // buffer.
    rd_buf().swap(header_);
    const bool goes_on = scribe::consume(context, nullptr, caf::io::basp::header_size);
    rd_buf().swap(header_);
    return goes_on && !detached() && scribe::consume(context, nullptr, size);
  }

  bool end(caf::execution_unit* context) {
    parts_.end->open(parts_.talk.why());
    io_failure(context, network::operation::read);
    return false;
  }

  void retire() {
    parts_.end->retire();
    parts_.all->leave(parts_.number);
  }

  connection_parts parts_;
  network::stream_impl<Connection> stream_;
  std::vector<char> header_;    ///< of the payload that is awaited
  bool awaits_payload_ = false; ///< else a header
  bool launched_ = false;
  bool ending_ = false;               ///< it is written and read no more
  std::optional<std::size_t> unseen_; ///< where in the buffer what is being written begins
};

} // namespace adsp::transport
