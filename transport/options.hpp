// How the processes of a cluster communicate.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>

namespace adsp::transport {

struct transport_options {
  bool secure = false;     ///< TLS 1.3; both sides must have certificates of the same authority
  std::string certificate; ///< path, PEM: this process's own
  std::string key;         ///< path, PEM
  std::string authority;   ///< path, PEM
  /// Takes one line, key=value, for each refused connection; called by the multiplexer's thread.
  std::function<void(const std::string&)> log = [](const std::string&) {};
  /// How long a connection, in either direction, may take to identify itself.
  std::chrono::milliseconds greeting_time{5000};
  /// How long sent data may stay unacknowledged by the other machine before the connection ends.
  std::chrono::milliseconds silence{10'000};
};

/// Most bytes that a peer may announce before it has been admitted (`peer_rules::admitted`), and
/// after; the largest message carries a block of `parameter_block::max_size` floats.
inline constexpr std::size_t max_greeting_bytes = 64 * 1024;
inline constexpr std::size_t max_message_bytes = 80 * 1024 * 1024;

/// Most of these bytes outside blocks: the longest message lists all shards, 40 bytes each, and
/// reading a message of many empty strings takes 32 times its bytes.
inline constexpr std::size_t max_payload_bytes = 1024 * 1024;

/// Most accepted connections that have not identified themselves, and that have not been admitted;
/// one more evicts the oldest.
inline constexpr std::size_t max_unidentified = 64;
inline constexpr std::size_t max_unadmitted = 512;

/// Limits for a peer that has not been admitted: bytes that wait to be sent to it, its unanswered
/// messages, and its actors that send messages. An honest peer says hello and waits.
inline constexpr std::size_t max_waiting_bytes = 64 * 1024;
inline constexpr std::size_t max_unanswered = 16;
inline constexpr std::size_t max_unadmitted_actors = 256;

} // namespace adsp::transport
