// How the processes of a cluster talk to each other.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>

namespace adsp::transport {

struct transport_options {
  bool secure = false;     ///< TLS 1.3; both sides show a certificate of the same authority
  std::string certificate; ///< path, PEM: this process's
  std::string key;         ///< path, PEM
  std::string authority;   ///< path, PEM
  /// Takes a line, key=value, for each connection that is refused; called by the multiplexer's
  /// thread.
  std::function<void(const std::string&)> log = [](const std::string&) {};
  /// How long a connection may take to say who it is, in either direction.
  std::chrono::milliseconds greeting_time{5000};
  /// How long the other machine may leave unconfirmed what it is sent, before the connection ends.
  std::chrono::milliseconds silence{10'000};
};

/// What a peer may announce before it has been admitted (`peer_rules::admitted`), and after; the largest message
/// carries a block of `parameter_block::max_size` floats.
inline constexpr std::size_t max_greeting_bytes = 64 * 1024;
inline constexpr std::size_t max_message_bytes = 80 * 1024 * 1024;

/// Of these, what may be no blocks: the longest message lists all shards, 40 bytes each, and
/// reading one of many empty strings takes 32 times its bytes.
inline constexpr std::size_t max_payload_bytes = 1024 * 1024;

/// Connections that have been accepted and have not said who they are yet, and those that have not
/// been admitted; one more, and the oldest is evicted.
inline constexpr std::size_t max_strangers = 64;
inline constexpr std::size_t max_visitors = 512;

/// Of a peer that has not been admitted: bytes that wait to be sent to it, messages that have not
/// been answered, and actors of it that send any. One that joins says hello and waits.
inline constexpr std::size_t max_waiting_bytes = 64 * 1024;
inline constexpr std::size_t max_unanswered = 16;
inline constexpr std::size_t max_visitor_actors = 256;

} // namespace adsp::transport
