// What comes over one connection, part by part: the header of a frame, its payload, and the blocks
// that follow it, which are received where they stay.
#pragma once

#include "messages/blocks/parameter_block.hpp"

#include <caf/io/basp/header.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace adsp::transport {

/// Its owner looks at each part when it is complete, and says what comes next.
class inbox {
public:
  enum class part : std::uint8_t { header, payload, blocks };

  inbox();

  /// Where the next bytes are to be put, while the part is not complete.
  std::span<char> space();
  /// `bytes` bytes have been put there.
  void received(std::size_t bytes);

  part awaited() const { return awaited_; }
  bool complete() const { return left_ == 0; }

  void await_header();
  /// Reads the header that has come, without the flag for blocks. False: it is malformed.
  bool read_header(caf::io::basp::header& head);
  /// Whether that header has the flag for blocks.
  bool announces_blocks() const { return announces_blocks_; }

  /// A payload of `size` bytes comes next.
  void await_payload(std::size_t size);
  /// Takes the number of bytes of blocks off the end of the payload.
  std::size_t read_block_bytes();

  /// Blocks of these sizes in bytes come next.
  void await_blocks(std::span<const std::size_t> sizes);
  /// Blocks of `bytes` bytes in all come next, and are discarded.
  void pass_over(std::size_t bytes);

  /// The parts received, as CAF reads them.
  std::vector<char>& header() { return header_; }
  std::vector<char>& payload() { return payload_; }
  std::span<const std::shared_ptr<parameter_buffer>> blocks() const { return blocks_; }
  /// Releases the blocks.
  void forget_blocks() { blocks_.clear(); }

private:
  void await(part which, std::size_t bytes);
  /// The next bytes of the part that are missing, as far as they lie together; nowhere when they
  /// are passed over.
  std::span<char> missing();
  void advance(std::size_t bytes);
  /// Moves what has come ahead to where it belongs.
  void distribute();

  std::unique_ptr<char[]> ahead_; ///< what came before it was known where it belongs
  std::size_t first_ = 0;         ///< in ahead_
  std::size_t last_ = 0;          ///< behind the last byte in ahead_
  bool direct_ = false;           ///< `space` was of the part itself

  part awaited_ = part::header;
  std::size_t left_ = 0;   ///< bytes that the part lacks
  std::size_t filled_ = 0; ///< bytes of it, or of its present block, that are there
  bool announces_blocks_ = false;
  std::vector<char> header_;
  std::vector<char> payload_;
  std::vector<std::shared_ptr<parameter_buffer>> blocks_;
  std::vector<std::size_t> sizes_; ///< of blocks_; none: passed over
  std::size_t block_ = 0;          ///< the present one
};

} // namespace adsp::transport
