// The emulated links between a worker and the shards: the link of its device, and the parameter
// server's, which all workers share. Wraps an exchange from outside: the caller passes the bytes
// over one link after the other until they arrive. Without CAF and clock.
#pragma once

#include <cstdint>

namespace adsp {

/// The next stage of an exchange's bytes.
enum class hop : std::uint8_t {
  device_link,
  server_link,
  shards, ///< arrived at the shards
  worker, ///< arrived at the worker
};

class emulated_path {
public:
  /// `has_server_link`: the parameter server's link is emulated, too.
  explicit emulated_path(bool has_server_link) : has_server_link_{has_server_link} {}

  /// Sends bytes off; returns the first hop.
  hop to_shards(std::uint64_t bytes);
  hop to_worker(std::uint64_t bytes);

  /// The bytes have passed a link; returns the next hop.
  hop passed();

  std::uint64_t bytes() const { return bytes_; } ///< on the way
  bool to_server() const { return to_server_; }  ///< their direction

private:
  /// Whether the bytes queue at the server's link: an empty transfer does not.
  bool queues() const { return has_server_link_ && bytes_ > 0; }

  bool has_server_link_;
  bool to_server_ = true;
  hop at_ = hop::worker;
  std::uint64_t bytes_ = 0;
};

} // namespace adsp
