// The arithmetic of the wire formats on plain runs of floats. Floats to encode must be finite; if
// an encoding is lossy, the caller keeps x - decode(encode(x)).
#pragma once

#include "messages/blocks/encoded_block.hpp"

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace adsp {

/// Rounds to the nearest half, ties to even; beyond +-65504 to the largest finite half. NaN stays
/// NaN.
void encode_fp16(std::span<const float> values, std::uint16_t* to);
void decode_fp16(std::span<const std::uint16_t> values, float* to);

/// Encodes at most `chunk_size` floats as levels from -127 to 127 of the returned scale, which is
/// max|x| / 127, but at least the smallest normal float: |x - level scale| <= scale / 2, within
/// rounding. Only if |x| is within 1 % of the largest possible float, x may be clipped to 127
/// scales.
float encode_int8(std::span<const float> values, std::int8_t* to);
void decode_int8(float scale, std::span<const std::int8_t> levels, float* to);

/// Finds the largest magnitudes in O(n); keeps its working memory for the next call.
class largest_finder {
public:
  /// Places of the `count` <= values.size() largest magnitudes, increasing; among equal magnitudes
  /// the first ones. Valid until the next call.
  std::span<const std::uint32_t> find(std::span<const float> values, std::size_t count);

private:
  void collect(std::span<const float> values, std::uint32_t least);

  std::vector<std::uint32_t> places_;     ///< of the candidates, increasing
  std::vector<std::uint32_t> magnitudes_; ///< of a sample, then of the candidates
};

/// The result of checking a block's contents.
enum class contents : std::uint8_t {
  sound,
  misplaced,  ///< topk: the places do not increase, or lie outside the block
  not_finite, ///< a value or a scale is infinite or NaN
};

/// Whether the block may be applied. Checks every value: O(bytes).
contents check_contents(const encoded_block& block);

/// Decodes a block from its beginning, piece by piece. The block's places must be sound.
class chunk_reader {
public:
  explicit chunk_reader(const encoded_block& block) : block_{block} {}

  bool done() const { return at_ == block_.size(); }

  /// The next floats: all of fp32, at most `chunk_size` of the other formats. Valid until the next
  /// call.
  std::span<const float> next();

private:
  void open_kept(std::size_t count);

  const encoded_block& block_;
  std::size_t at_ = 0;
  std::size_t entry_ = 0; ///< topk: the next value
  alignas(64) std::array<float, chunk_size> chunk_;
};

/// Decodes `block`, which must be sound, into `to`, which must be as long.
void decode(const encoded_block& block, std::span<float> to);

} // namespace adsp
