// Receives the frames of one connection, part by part: the header, its payload, and the blocks that
// follow it, which are received directly into their final memory.
#pragma once

#include "messages/blocks/parameter_block.hpp"

#include <caf/io/basp/header.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace adsp::transport {

/// Its owner checks each part when it is complete, and then tells which part comes next.
class inbox {
public:
  enum class part : std::uint8_t { header, payload, blocks };

  inbox();

  /// Where to put the next bytes while the part is incomplete.
  std::span<char> space();
  /// `bytes` bytes have been put into `space`.
  void received(std::size_t bytes);

  part awaited() const { return awaited_; }
  bool complete() const { return left_ == 0; }

  void await_header();
  /// Reads the received header, without the flag for blocks. False: it is malformed.
  bool read_header(caf::io::basp::header& head);
  /// Whether that header has the flag for blocks.
  bool announces_blocks() const { return announces_blocks_; }

  /// A payload of `size` bytes comes next.
  void await_payload(std::size_t size);
  /// Removes the number of bytes of blocks from the end of the payload and returns it.
  std::size_t read_block_bytes();

  /// Blocks of these sizes in bytes come next.
  void await_blocks(std::span<const std::size_t> sizes);
  /// Blocks of `bytes` bytes in total come next and are discarded.
  void pass_over(std::size_t bytes);

  /// The received parts, in CAF's form.
  std::vector<char>& header() { return header_; }
  std::vector<char>& payload() { return payload_; }
  std::span<const std::shared_ptr<parameter_buffer>> blocks() const { return blocks_; }
  /// Releases the blocks.
  void forget_blocks() { blocks_.clear(); }

private:
  void await(part which, std::size_t bytes);
  /// Contiguous memory for the next missing bytes of the part; empty if they are discarded.
  std::span<char> missing();
  void advance(std::size_t bytes);
  /// Moves bytes read ahead to their place.
  void distribute();

  std::unique_ptr<char[]> ahead_; ///< bytes received before their place was known
  std::size_t first_ = 0;         ///< in ahead_
  std::size_t last_ = 0;          ///< after the last byte in ahead_
  bool direct_ = false;           ///< whether `space` was in the part itself

  part awaited_ = part::header;
  std::size_t left_ = 0;   ///< missing bytes of the part
  std::size_t filled_ = 0; ///< received bytes of it, or of its present block
  bool announces_blocks_ = false;
  std::vector<char> header_;
  std::vector<char> payload_;
  std::vector<std::shared_ptr<parameter_buffer>> blocks_;
  std::vector<std::size_t> sizes_; ///< of blocks_; empty: discarded
  std::size_t block_ = 0;          ///< index of the present one
};

} // namespace adsp::transport
