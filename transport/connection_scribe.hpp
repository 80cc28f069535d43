// A connection as CAF's broker sees it: reads frame by frame, and passes only the frames that the
// `frame_guard` accepts.
#pragma once

#include "messages/freight.hpp"
#include "transport/connection_closer.hpp"
#include "transport/frame_guard.hpp"
#include "transport/frame_stream.hpp"
#include "transport/peers.hpp"

#include <caf/io/scribe.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace adsp::transport {

/// What every connection needs, plain or TLS.
struct connection_parts {
  std::shared_ptr<connection_closer> end;
  std::shared_ptr<peers> all;
  std::shared_ptr<channel> known; ///< of the peer; TLS fills it in
  peers::number number;           ///< of the connection in `all`
  frame_guard guard;
};

template <class Connection>
class connection_scribe final : public caf::io::scribe {
public:
  template <class... Ts>
  connection_scribe(network::default_multiplexer& backend, native_socket fd, connection_parts x,
                    Ts&&... xs)
      : scribe{network::conn_hdl_from_socket(fd)}, parts_{std::move(x)},
        stream_{backend, fd, in_, out_, std::forward<Ts>(xs)...} {}
  ~connection_scribe() override { retire(); }

  /// The broker's requests for a header, then a payload, and so on, are ignored: this class knows
  /// what comes next.
  void configure_read(caf::io::receive_policy::config) override {
    if (std::exchange(launched_, true))
      return;
    stream_.start_reading(this);
    stream_.start_writing(this); // to begin a handshake, if any
  }

  /// `size` bytes have been received.
  bool consume(caf::execution_unit* context, const void*, std::size_t size) override {
    in_.received(size);
    do {
      if (detached())
        return false;
      if (ending_)
        return end(context);
      if (in_.complete() && !take_part(context))
        return false;
    } while (in_.complete());
    return true;
  }

  /// The broker calls this, writes a frame, and flushes; a frame that it has not flushed is checked
  /// when the next one begins.
  std::vector<char>& wr_buf() override {
    end_frame();
    return out_.begin_frame();
  }
  std::vector<char>& rd_buf() override { return *shown_; }
  void flush() override {
    end_frame();
    if (ending_)
      out_.clear();
    else if (!out_.empty())
      stream_.start_writing(this);
  }
  void ack_writes(bool) override {} // CAF's broker of BASP never asks
  void add_to_loop() override { stream_.start_reading(this); }
  void remove_from_loop() override { stream_.stop_reading(); }
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
  void detach_from(caf::io::abstract_broker* broker) override {
    parts_.all->leave(parts_.number);
    scribe::detach_from(broker);
  }

private:
  /// Completes and checks the frame that the broker has begun, if any.
  void end_frame() {
    const auto frame = out_.end_frame();
    if (!ending_ && parts_.guard.say(frame, out_.waiting()) == verdict::refuse) {
      ending_ = true; // the next read returns nothing and ends the connection
      parts_.end->close(parts_.guard.why());
    }
  }

  bool take_part(caf::execution_unit* context) {
    switch (in_.awaited()) {
    case inbox::part::header:
      return take_header(context);
    case inbox::part::payload:
      return take_payload(context);
    default:
      return take_blocks(context);
    }
  }

  bool take_header(caf::execution_unit* context) {
    caf::io::basp::header header;
    if (!in_.read_header(header) ||
        parts_.guard.hear(header, in_.announces_blocks()) == verdict::refuse)
      return end(context);
    if (header.payload_len > 0)
      in_.await_payload(header.payload_len);
    else if (!show(context, in_.header()))
      return false;
    else
      in_.await_header();
    return true;
  }

  bool take_payload(caf::execution_unit* context) {
    const auto block_bytes = in_.read_block_bytes();
    const auto found = parts_.guard.hear(in_.payload(), block_bytes, *parts_.known);
    if (found == verdict::refuse)
      return end(context);
    wanted_ = found == verdict::pass;
    if (wanted_)
      in_.await_blocks(parts_.guard.blocks());
    else
      in_.pass_over(block_bytes);
    return true;
  }

  bool take_blocks(caf::execution_unit* context) {
    if (wanted_) {
      const unloading freight{in_.blocks()};
      if (!show(context, in_.header()) || detached() || !show(context, in_.payload()))
        return false;
    }
    in_.forget_blocks();
    in_.await_header();
    return true;
  }

  /// Passes a part of a frame to the broker.
  bool show(caf::execution_unit* context, std::vector<char>& bytes) {
    shown_ = &bytes;
    return scribe::consume(context, nullptr, bytes.size());
  }

  bool end(caf::execution_unit* context) {
    parts_.end->close(parts_.guard.why());
    io_failure(context, network::operation::read);
    return false;
  }

  void retire() {
    parts_.end->retire();
    parts_.all->leave(parts_.number);
  }

  connection_parts parts_;
  inbox in_;
  outbox out_;
  frame_stream<Connection> stream_;
  std::vector<char>* shown_ = &in_.header(); ///< the part passed to the broker
  bool wanted_ = false; ///< the message whose blocks are being received will be delivered
  bool launched_ = false;
  bool ending_ = false; ///< nothing is read or written any more
};

} // namespace adsp::transport
