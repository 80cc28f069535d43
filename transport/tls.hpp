// TLS on a non-blocking socket with the interface of CAF's streams: reads and writes without
// waiting.
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
  /// Throws std::runtime_error if a file cannot be used.
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
  /// `known` is filled in when the handshake is complete; `failed` is called with the reason if it
  /// fails.
  tls_connection(std::shared_ptr<const tls_context> context, native_socket fd, side which,
                 std::shared_ptr<channel> known, std::function<void(const std::string&)> failed);

  rw_state read_some(std::size_t& result, native_socket, void* buffer, std::size_t size);
  rw_state write_some(std::size_t& result, native_socket, std::span<const iovec> pieces);

  /// Whether received bytes are buffered here, of which the socket no longer knows. Called when a
  /// connection has had its turn: the next read takes nothing more from the socket, so that others
  /// get theirs.
  bool must_read_more();

  /// Whether writing must wait for the other side because the handshake is incomplete, although the
  /// socket is writable.
  bool must_read_first() const;

private:
  /// Continues the handshake, unless it is complete.
  rw_state shake_hands();
  rw_state state_after(int returned);
  /// Encrypts the bytes after the first `at`, as many as should be sent at a time. Returns
  /// OpenSSL's result, which is above 0 on success.
  int seal(std::span<const iovec> pieces, std::size_t at);
  /// Why the handshake has failed.
  std::string failure() const;
  /// Reads the peer's node name from its certificate, which the handshake has verified. False: the
  /// certificate is not for a node.
  bool learn();

  struct free_connection {
    void operator()(ssl_st* x) const;
  };
  std::shared_ptr<const tls_context> context_;
  record_buffer records_;
  std::unique_ptr<ssl_st, free_connection> connection_;
  std::shared_ptr<channel> known_;
  std::function<void(const std::string&)> failed_;
  bool established_ = false; ///< the handshake is complete
  bool draining_ = false;    ///< whether the next read must take nothing from the socket
  std::size_t sealed_ = 0;   ///< bytes of the stream that are encrypted but not completely sent
};

} // namespace adsp::transport
