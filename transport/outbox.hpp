// What waits to be sent over one connection: bytes, and among them blocks that stay where they are.
#pragma once

#include "messages/blocks/encoded_block.hpp"

#include <cstddef>
#include <span>
#include <sys/uio.h>
#include <vector>

namespace adsp::transport {

class outbox {
public:
  outbox() = default;
  outbox(const outbox&) = delete;
  outbox& operator=(const outbox&) = delete;
  ~outbox();

  /// Where this thread writes the next frame, at the end. Large blocks of its message are taken
  /// beside it. The last frame has to have been ended. Until
  /// `end_frame` the thread begins a frame of no other outbox, since the blocks that it writes go to
  /// this one.
  std::vector<char>& begin_frame();

  /// The frame begun last is complete. Its header and payload; nothing when there is none.
  std::span<const char> end_frame();

  /// Bytes of complete frames, sent in part.
  std::size_t waiting() const { return waiting_; }
  bool empty() const { return waiting_ == 0; }

  /// What is to be sent next, piece by piece; how many pieces there are. What has been shown stays
  /// at the front until it is sent: TLS may have encrypted it already.
  std::size_t next(std::span<iovec> pieces);

  /// The first `bytes` bytes of it have been sent.
  void sent(std::size_t bytes);

  /// Nothing is sent any more.
  void clear();

private:
  struct cargo {
    encoded_block block;
    std::size_t place; ///< among the bytes
  };
  struct batch {
    std::vector<char> bytes;
    std::vector<cargo> blocks;
  };

  batch going_;
  batch next_;                         ///< what comes after it
  std::vector<encoded_block> freight_; ///< of the frame that is being written
  std::size_t frame_ = 0;              ///< where in next_ it begins
  bool writing_ = false;
  std::size_t waiting_ = 0;
  // How far going_ has been sent:
  std::size_t bytes_sent_ = 0;
  std::size_t blocks_sent_ = 0;
  std::size_t part_sent_ = 0; ///< of the next block
};

} // namespace adsp::transport
