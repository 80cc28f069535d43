// TLS for a non-blocking socket, as CAF's streams want it: reads and writes what is there.
#pragma once

#include "security/authority.hpp"
#include "transport/options.hpp"
#include "transport/peers.hpp"
#include "transport/record_buffer.hpp"

#include <caf/io/network/native_socket.hpp>
#include <caf/io/network/rw_state.hpp>

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <sys/uio.h>

struct ssl_ctx_st;
struct ssl_st;

namespace adsp::transport {

using caf::io::network::native_socket;
using caf::io::network::rw_state;

/// Certificate, key and authority, read once; shared by all connections of a process.
class tls_context {
public:
  /// Throws std::runtime_error when a file cannot be used.
  explicit tls_context(const transport_options& options);

  ssl_ctx_st* get() const { return context_.get(); }
  const security::authority& authority() const { return authority_; }

private:
  struct free_context {
    void operator()(ssl_ctx_st* x) const;
  };
  security::authority authority_;
  std::unique_ptr<ssl_ctx_st, free_context> context_;
};

/// One connection of a `frame_stream`.
class tls_connection {
public:
  /// `known` is filled in when the handshake is over; `failed` is told why it fails.
  tls_connection(std::shared_ptr<const tls_context> context, native_socket fd, side which,
                 std::shared_ptr<channel> known, std::function<void(const std::string&)> failed);

  rw_state read_some(std::size_t& result, native_socket, void* buffer, std::size_t size);
  rw_state write_some(std::size_t& result, native_socket, std::span<const iovec> pieces);

  /// Whether bytes are here that the socket does not show any more. Asked when a connection has had
  /// its turn: the next read takes no more from the socket, so that the others have theirs.
  bool must_read_more();

  /// Whether nothing can be written before the other side has said something: the handshake is not
  /// over. The socket would take more all the while.
  bool must_read_first() const;

private:
  /// Continues the handshake, if there is still something to do for it.
  rw_state shake_hands();
  rw_state state_after(int returned);
  /// Encrypts what comes after the first `at` bytes, as much as should be sent at a time; what
  /// OpenSSL says, above 0 when all is well.
  int seal(std::span<const iovec> pieces, std::size_t at);
  /// Why the handshake has failed.
  std::string failure() const;
  /// Learns from its certificate, which the handshake has verified, which node the peer is. False:
  /// it stands for none.
  bool learn();

  struct free_connection {
    void operator()(ssl_st* x) const;
  };
  std::shared_ptr<const tls_context> context_;
  record_buffer records_;
  std::unique_ptr<ssl_st, free_connection> connection_;
  std::shared_ptr<channel> known_;
  std::function<void(const std::string&)> failed_;
  bool established_ = false; ///< the handshake is over
  bool draining_ = false;    ///< the next read takes nothing from the socket
  std::size_t sealed_ = 0;   ///< bytes of the stream's that are encrypted but not all sent
};

} // namespace adsp::transport
