// The emulated links between a worker and the shards: the link of its device, and the parameter
// server's, which all workers share. Wraps an exchange from outside: the caller lets the bytes pass
// one link after the other until they are where they are to go. Plain, without CAF and clock.
#pragma once

#include <cstdint>

namespace adsp {

/// What the bytes of an exchange come to next.
enum class hop : std::uint8_t {
  device_link,
  server_link,
  shards, ///< arrived there
  worker, ///< likewise
};

class emulated_path {
public:
  /// `has_server_link`: the parameter server's link is emulated too.
  explicit emulated_path(bool has_server_link) : has_server_link_{has_server_link} {}

  /// Sends bytes off; the first link on their way.
  hop to_shards(std::uint64_t bytes);
  hop to_worker(std::uint64_t bytes);

  /// The bytes have passed a link; what comes after it.
  hop passed();

  std::uint64_t bytes() const { return bytes_; } ///< on the way
  bool to_server() const { return to_server_; }  ///< their direction

private:
  /// Nothing to carry does not wait in the server's queue.
  bool queues() const { return has_server_link_ && bytes_ > 0; }

  bool has_server_link_;
  bool to_server_ = true;
  hop at_ = hop::worker;
  std::uint64_t bytes_ = 0;
};

} // namespace adsp
