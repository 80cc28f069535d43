// A buffer between OpenSSL and a non-blocking socket: TLS reads and writes records of 16 KB one at
// a time, the socket many at once.
#pragma once

#include <caf/io/network/native_socket.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

struct bio_st;

namespace adsp::transport {

/// The result of sending what has been written.
enum class sending : std::uint8_t {
  done,
  blocked, ///< the socket accepts no more now; the rest is kept
  failed,
};

class record_buffer {
public:
  explicit record_buffer(caf::io::network::native_socket socket) : socket_{socket} {}
  record_buffer(const record_buffer&) = delete;
  record_buffer& operator=(const record_buffer&) = delete;

  /// For SSL_set_bio, which owns the result; it must not outlive this object. Throws if out of
  /// memory.
  bio_st* make_bio();

  /// Sends what TLS has written.
  sending send();

  /// Whether as much has been written as one call should send.
  bool full() const { return written_.size() >= chunk; }

  /// Whether received bytes wait to be read.
  bool holds_input() const { return read_ < received_; }

  /// Whether written bytes wait to be sent.
  bool holds_output() const { return sent_ < written_.size(); }

  /// While paused, nothing is read from the socket.
  void pause(bool on) { paused_ = on; }

private:
  static constexpr std::size_t chunk = 1 << 18;

  friend struct record_bio;
  /// Like recv: returns the bytes read, 0 at the end of the connection, or -1 with errno.
  std::ptrdiff_t read(char* into, std::size_t size);
  void write(const char* from, std::size_t size);

  caf::io::network::native_socket socket_;
  std::unique_ptr<char[]> input_; ///< `chunk` bytes once something is read
  std::size_t read_ = 0;          ///< of input_
  std::size_t received_ = 0;
  std::vector<char> written_;
  std::size_t sent_ = 0; ///< of written_
  bool paused_ = false;
};

} // namespace adsp::transport
