// What a process at the other end of a connection may say in BASP, CAF's protocol: only what it
// says of itself, to this process, once it has said who it is, and only messages of this project.
// CAF believes whatever a frame says about where it comes from.
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
  pass,   ///< give it to CAF
  skip,   ///< not to be followed, and no reason to end the connection
  refuse, ///< end the connection
};

/// The part of one peer, frame by frame.
class frame_guard {
public:
  /// `end` is the number of the connection. `system` knows how messages are read; without one their
  /// values are not looked at.
  frame_guard(caf::node_id here, side which, std::shared_ptr<peers> all,
              std::shared_ptr<peer_rules> rights, peers::number end,
              caf::actor_system* system = nullptr);

  /// Looks at a header before its payload is read; whether blocks are announced to follow that.
  verdict hear(const caf::io::basp::header& x, bool with_blocks);

  /// Looks at the payload of the last header, which so many bytes of blocks follow, with what TLS
  /// knows of the peer.
  verdict hear(std::span<const char> payload, std::size_t block_bytes, const channel& known);

  /// The bytes of each block that follows the last payload, which has passed.
  std::span<const std::size_t> blocks() const { return blocks_; }

  /// Looks at the header and the payload of a frame that goes to the peer, if there is one;
  /// `waiting`: bytes that it has not taken yet.
  verdict say(std::span<const char> frame, std::size_t waiting);

  /// Why the last frame has been refused.
  const std::string& why() const { return why_; }

private:
  verdict refuse(std::string why);
  /// The last frame makes no sense.
  verdict strike(const char* what);
  /// Whether it takes part, and may send what is long.
  bool settled();
  /// The bytes of a message without its blocks, and of these.
  bool too_long(std::size_t payload, std::size_t blocks);

  verdict greeting(std::span<const char> payload, const channel& known);
  /// The frame says of itself where it comes from and goes to.
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
  std::shared_ptr<peer_rules> rights_; ///< none: everybody has every right
  peers::number end_;
  caf::actor_system* system_;
  caf::io::basp::header header_;
  caf::node_id peer_;                        ///< none: it has not said who it is
  std::shared_ptr<pending_answers> answers_; ///< with the peer
  std::vector<std::size_t> blocks_;
  std::size_t block_bytes_ = 0; ///< announced
  bool settled_ = false;
  std::string why_;
};

} // namespace adsp::transport
