// The data waiting to be sent over one connection: bytes, and between them blocks, which are not
// copied.
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

  /// The buffer at whose end this thread writes the next frame. Large blocks of its message are
  /// collected separately. The last frame must have been ended. Until `end_frame` the thread must
  /// not begin a frame of another outbox, because the blocks that it writes go to this one.
  std::vector<char>& begin_frame();

  /// Completes the frame begun last. Returns its header and payload; empty if there is none.
  std::span<const char> end_frame();

  /// Unsent bytes of complete frames.
  std::size_t waiting() const { return waiting_; }
  bool empty() const { return waiting_ == 0; }

  /// Fills `pieces` with what to send next and returns their number. Bytes shown once stay at the
  /// front until they are sent, because TLS may have encrypted them already.
  std::size_t next(std::span<iovec> pieces);

  /// The first `bytes` bytes have been sent.
  void sent(std::size_t bytes);

  /// Discards everything.
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
  batch next_;                         ///< what follows it
  std::vector<encoded_block> freight_; ///< of the frame being written
  std::size_t frame_ = 0;              ///< where that frame begins in next_
  bool writing_ = false;
  std::size_t waiting_ = 0;
  // How far going_ has been sent:
  std::size_t bytes_sent_ = 0;
  std::size_t blocks_sent_ = 0;
  std::size_t part_sent_ = 0; ///< of the next block
};

} // namespace adsp::transport
