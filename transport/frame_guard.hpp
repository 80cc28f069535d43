// Checks the frames of one connection in BASP, CAF's protocol, which trusts whatever a frame says
// about its origin. A peer must first identify itself; from then on it may speak only for itself,
// to this process, in messages of this project.
#pragma once

#include "transport/peer_rules.hpp"
#include "transport/peers.hpp"

#include <caf/fwd.hpp>
#include <caf/io/basp/header.hpp>
#include <caf/node_id.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace adsp::transport {

/// What to do with a frame.
enum class verdict : std::uint8_t {
  pass,   ///< pass it to CAF
  skip,   ///< ignore it, but keep the connection
  refuse, ///< end the connection
};

/// Checks the incoming frames of one connection, in order.
class frame_guard {
public:
  /// `end` is the number of the connection. `system` is needed to deserialise messages; without it
  /// their values are not checked.
  frame_guard(caf::node_id here, side which, std::shared_ptr<peers> all,
              std::shared_ptr<peer_rules> rights, peers::number end,
              caf::actor_system* system = nullptr);

  /// Checks a header before its payload is read. `with_blocks`: it announces that blocks follow.
  verdict hear(const caf::io::basp::header& header, bool with_blocks);

  /// Checks the payload of the last header, after which `block_bytes` bytes of blocks follow.
  /// `known`: what TLS has verified about the peer.
  verdict hear(std::span<const char> payload, std::size_t block_bytes, const channel& known);

  /// The size in bytes of each block that follows the last accepted payload.
  std::span<const std::size_t> blocks() const { return blocks_; }

  /// Notes the header and the payload of a frame sent to the peer, if there is one; `waiting`:
  /// bytes that the peer has not read yet.
  verdict say(std::span<const char> frame, std::size_t waiting);

  /// Why the last frame was refused.
  const std::string& why() const { return why_; }

private:
  verdict refuse(std::string why);
  /// Counts the last frame against the peer as malformed.
  verdict strike(const char* what);
  /// Whether the peer has been admitted, and may send long messages.
  bool settled();
  /// Whether a message of `payload` bytes plus `blocks` bytes of blocks is too long.
  bool too_long(std::size_t payload, std::size_t blocks);

  verdict greeting(std::span<const char> payload, const channel& known);
  /// Checks a frame that names its own origin and destination.
  verdict routed(std::span<const char> payload);
  verdict message(std::span<const char> payload);
  /// Whether a message of these types, "+first+second", may come.
  bool may_come(std::string_view types) const;
  bool may_send(std::string_view type) const;
  /// Whether the frame is an answer to a question of this process.
  bool answers() const;

  caf::node_id here_;
  side which_;
  std::shared_ptr<peers> all_;
  std::shared_ptr<peer_rules> rights_; ///< null: everything is allowed
  peers::number end_;
  caf::actor_system* system_;
  caf::io::basp::header header_;
  caf::node_id peer_;                        ///< none: it has not identified itself yet
  std::shared_ptr<pending_answers> answers_; ///< between this process and the peer
  std::vector<std::size_t> blocks_;
  std::size_t block_bytes_ = 0; ///< announced
  bool settled_ = false;
  std::string why_;
};

} // namespace adsp::transport
