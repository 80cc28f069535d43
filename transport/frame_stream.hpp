// A socket in CAF's multiplexer, with an inbox and an outbox.
#pragma once

#include "transport/inbox.hpp"
#include "transport/outbox.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/defaults.hpp>
#include <caf/io/network/default_multiplexer.hpp>
#include <caf/io/network/event_handler.hpp>
#include <caf/io/network/stream_manager.hpp>

#include <array>
#include <cstddef>
#include <utility>

namespace adsp::transport {

namespace network = caf::io::network;
using network::native_socket;

/// `Connection` reads and writes without blocking, such as `tls_connection`. Used only by the
/// multiplexer's thread.
template <class Connection>
class frame_stream final : public network::event_handler {
public:
  /// The manager's `consume` is called when the inbox has received something.
  template <class... Ts>
  frame_stream(network::default_multiplexer& backend, native_socket fd, inbox& in, outbox& out,
               Ts&&... xs)
      : event_handler{backend, fd}, in_{in}, out_{out}, connection_{std::forward<Ts>(xs)...},
        most_reads_{caf::get_or(backend.system().config(), "middleman.max-consecutive-reads",
                                caf::defaults::middleman::max_consecutive_reads)} {}

  /// Starts reading.
  void start_reading(network::stream_manager* manager) {
    if (reader_)
      return;
    reader_.reset(manager);
    activate();
  }

  /// Writes until the outbox is empty; at least once, for what the connection itself has to send.
  void start_writing(network::stream_manager* manager) {
    if (state_.writing)
      return;
    backend().add(network::operation::write, fd(), this);
    writer_.reset(manager);
    state_.writing = true;
  }

  void stop_reading() { passivate(); }

  void handle_event(network::operation what) override {
    if (what == network::operation::read)
      read();
    else if (what == network::operation::write)
      write();
    else
      fail();
  }

  void removed_from_loop(network::operation what) override {
    if (what == network::operation::read)
      reader_.reset();
    else if (what == network::operation::write)
      writer_.reset();
  }

  /// Sends what waits before it shuts down.
  void graceful_shutdown() override {
    if (std::exchange(shutting_down_, true))
      return;
    if (!state_.writing)
      network::shutdown_write(fd());
  }

private:
  using rw_state = network::rw_state;

  void read() {
    for (std::size_t reads = 0; reads < most_reads_ || connection_.must_read_more(); ++reads) {
      const auto space = in_.space();
      std::size_t size = 0;
      const auto found = connection_.read_some(size, fd(), space.data(), space.size());
      if (found == rw_state::failure) {
        reader_->io_failure(&backend(), network::operation::read);
        passivate();
        return;
      }
      if (!out_.empty() && !connection_.must_read_first())
        start_writing(reader_.get()); // writing has waited for the other side
      if (size == 0)
        return;
      if (!reader_->consume(&backend(), space.data(), size)) {
        passivate();
        return;
      }
    }
  }

  void write() {
    std::array<iovec, 64> pieces;
    const auto count = out_.next(pieces);
    std::size_t size = 0;
    const auto found = connection_.write_some(size, fd(), std::span{pieces}.first(count));
    if (found == rw_state::failure) {
      writer_->io_failure(&backend(), network::operation::write);
      backend().del(network::operation::write, fd(), this);
      return;
    }
    out_.sent(size);
    if (!out_.empty() && !connection_.must_read_first())
      return;
    state_.writing = false;
    backend().del(network::operation::write, fd(), this);
    if (shutting_down_)
      network::shutdown_write(fd());
  }

  void fail() {
    if (reader_)
      reader_->io_failure(&backend(), network::operation::read);
    if (writer_)
      writer_->io_failure(&backend(), network::operation::write);
  }

  inbox& in_;
  outbox& out_;
  Connection connection_;
  std::size_t most_reads_; ///< at a time
  bool shutting_down_ = false;
  // The managers in the multiplexer's loop, for reading and for writing.
  caf::intrusive_ptr<network::stream_manager> reader_;
  caf::intrusive_ptr<network::stream_manager> writer_;
};

} // namespace adsp::transport
