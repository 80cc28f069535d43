// Between OpenSSL and a non-blocking socket: TLS reads and writes a record of 16 KB at a time, the
// socket many of them.
#pragma once

#include <caf/io/network/native_socket.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

struct bio_st;

namespace adsp::transport {

/// How far the sending of what is written has come.
enum class sending : std::uint8_t {
  done,
  blocked, ///< the socket takes no more now; the rest is kept
  failed,
};

class record_buffer {
public:
  explicit record_buffer(caf::io::network::native_socket socket) : socket_{socket} {}
  record_buffer(const record_buffer&) = delete;
  record_buffer& operator=(const record_buffer&) = delete;

  /// For SSL_set_bio, which owns it; lives shorter than this. Throws when there is no memory.
  bio_st* make_bio();

  /// Sends what TLS has written.
  sending send();

  /// As much has been written as one call should send.
  bool full() const { return written_.size() >= chunk; }

  /// Whether received bytes wait to be read.
  bool holds_input() const { return read_ < received_; }

  /// Whether written bytes wait to be sent.
  bool holds_output() const { return sent_ < written_.size(); }

  /// While paused nothing is taken from the socket.
  void pause(bool on) { paused_ = on; }

private:
  static constexpr std::size_t chunk = 1 << 18;

  friend struct record_bio;
  /// As recv: bytes read, 0 at the end of the connection, -1 and errno.
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
