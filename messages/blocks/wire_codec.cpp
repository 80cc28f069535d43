#include "messages/blocks/wire_codec.hpp"

#include "messages/blocks/finite.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>
#include <limits>

#if defined(__F16C__)
#include <immintrin.h>
#endif

namespace adsp {

namespace {

/// Halves converted at once.
constexpr std::size_t lanes = 8;

constexpr float largest_half = 65504;

/// 127 and even 128 times this are finite.
constexpr float largest_scale = std::numeric_limits<float>::max() / 128;

constexpr std::uint32_t magnitude_bits = 0x7fffffff;

/// Bits in the same order as the magnitudes of finite floats.
std::uint32_t magnitude(float x) {
  return std::bit_cast<std::uint32_t>(x) & magnitude_bits;
}

float within_fp16(float value) {
  value = value > largest_half ? largest_half : value; // both comparisons are false for NaN
  return value < -largest_half ? -largest_half : value;
}

#if defined(__F16C__)

void to_fp16(const float* value, std::uint16_t* to) {
  alignas(32) float cut[lanes];
  for (std::size_t i = 0; i < lanes; ++i)
    cut[i] = within_fp16(value[i]);
  const auto halves = _mm256_cvtps_ph(_mm256_load_ps(cut), _MM_FROUND_TO_NEAREST_INT);
  _mm_storeu_si128(reinterpret_cast<__m128i*>(to), halves);
}

void from_fp16(const std::uint16_t* value, float* to) {
  const auto halves = _mm_loadu_si128(reinterpret_cast<const __m128i*>(value));
  _mm256_storeu_ps(to, _mm256_cvtph_ps(halves));
}

#else

void to_fp16(const float* value, std::uint16_t* to) {
  for (std::size_t i = 0; i < lanes; ++i)
    to[i] = std::bit_cast<std::uint16_t>(static_cast<_Float16>(within_fp16(value[i])));
}

void from_fp16(const std::uint16_t* value, float* to) {
  for (std::size_t i = 0; i < lanes; ++i)
    to[i] = static_cast<float>(std::bit_cast<_Float16>(value[i]));
}

#endif

/// Calls `convert` for every 8 elements; the last ones are copied into a padded row.
template <class From, class To, class Convert>
void in_lanes(std::span<const From> values, To* to, Convert convert) {
  const auto whole = values.size() / lanes * lanes;
  for (std::size_t i = 0; i < whole; i += lanes)
    convert(values.data() + i, to + i);
  if (whole == values.size())
    return;
  std::array<From, lanes> last{};
  std::array<To, lanes> converted;
  std::ranges::copy(values.subspan(whole), last.begin());
  convert(last.data(), converted.data());
  std::copy_n(converted.begin(), values.size() - whole, to + whole);
}

bool finite_fp16(std::span<const std::uint16_t> values) {
  constexpr std::uint16_t exponent = 0x7c00;
  std::uint16_t largest = 0;
  for (const auto half : values)
    largest = std::max(largest, static_cast<std::uint16_t>(half & exponent));
  return largest != exponent;
}

/// Whether the places of a topk block increase and lie within the block.
bool well_placed(const encoded_block& block) {
  return block.with_places([&](auto places) {
    bool good = !places.empty() && places.back() < block.size();
    for (std::size_t i = 1; i < places.size(); ++i)
      good &= places[i - 1] < places[i];
    return good;
  });
}

} // namespace

void encode_fp16(std::span<const float> values, std::uint16_t* to) {
  in_lanes(values, to, [](const float* a, std::uint16_t* b) { to_fp16(a, b); });
}

void decode_fp16(std::span<const std::uint16_t> values, float* to) {
  in_lanes(values, to, [](const std::uint16_t* a, float* b) { from_fp16(a, b); });
}

float encode_int8(std::span<const float> values, std::int8_t* __restrict to) {
  std::uint32_t largest = 0;
  for (const auto value : values)
    largest = std::max(largest, magnitude(value));
  // Below the smallest normal float the inverse would be infinite.
  const auto scale = std::clamp(std::bit_cast<float>(largest) / 127,
                                std::numeric_limits<float>::min(), largest_scale);
  const auto inverse = 1 / scale;
  // Adding and subtracting 1.5 2^23 rounds to the nearest whole number.
  constexpr float rounder = 12582912;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto level = std::min(std::max(values[i] * inverse, -127.0F), 127.0F);
    to[i] = static_cast<std::int8_t>(static_cast<std::int32_t>((level + rounder) - rounder));
  }
  return scale;
}

void decode_int8(float scale, std::span<const std::int8_t> levels, float* __restrict to) {
  for (std::size_t i = 0; i < levels.size(); ++i)
    to[i] = static_cast<float>(levels[i]) * scale;
}

void largest_finder::collect(std::span<const float> values, std::uint32_t least) {
  if (places_.size() < values.size() + 1)
    places_.resize(values.size() + 1); // the element after the last is written, too
  std::size_t count = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    places_[count] = static_cast<std::uint32_t>(i);
    count += magnitude(values[i]) >= least ? 1 : 0;
  }
  magnitudes_.resize(count);
  for (std::size_t i = 0; i < count; ++i)
    magnitudes_[i] = magnitude(values[places_[i]]);
}

std::span<const std::uint32_t> largest_finder::find(std::span<const float> values,
                                                    std::size_t count) {
  // A sample determines a threshold for candidates, so that they are few, yet nearly always more
  // than `count`. The stride is odd, because rows of matrices are similar.
  constexpr std::size_t stride = 61;
  std::uint32_t least = 0;
  magnitudes_.clear();
  for (std::size_t i = 0; i < values.size(); i += stride)
    magnitudes_.push_back(magnitude(values[i]));
  const auto expected = static_cast<double>(count) / stride;
  const auto rank = static_cast<std::size_t>(expected + 4 * std::sqrt(expected) + 4);
  if (rank < magnitudes_.size()) {
    const auto at = magnitudes_.begin() + static_cast<std::ptrdiff_t>(rank);
    std::nth_element(magnitudes_.begin(), at, magnitudes_.end(), std::greater<>{});
    least = *at;
  }
  collect(values, least);
  if (magnitudes_.size() < count)
    collect(values, 0);
  const auto candidates = magnitudes_.size();
  const auto last = magnitudes_.begin() + static_cast<std::ptrdiff_t>(count) - 1;
  std::nth_element(magnitudes_.begin(), last, magnitudes_.end(), std::greater<>{});
  const auto smallest = *last;
  // Takes as many of the smallest magnitude as the larger ones leave room for.
  auto room =
      count - static_cast<std::size_t>(std::count_if(
                  magnitudes_.begin(), last, [&](std::uint32_t m) { return m > smallest; }));
  std::size_t kept = 0;
  for (std::size_t i = 0; i < candidates; ++i) {
    const auto m = magnitude(values[places_[i]]);
    if (m < smallest || (m == smallest && room == 0))
      continue;
    room -= m == smallest ? 1 : 0;
    places_[kept++] = places_[i];
  }
  return {places_.data(), kept};
}

contents check_contents(const encoded_block& block) {
  bool finite = true;
  switch (block.format()) {
  case wire_format::fp32:
    finite = all_finite(block.plain().values());
    break;
  case wire_format::fp16:
    finite = finite_fp16(block.fp16_values());
    break;
  case wire_format::int8:
    finite = std::ranges::all_of(block.scales(),
                                 [](float scale) { return scale >= 0 && scale <= largest_scale; });
    break;
  case wire_format::topk:
    if (!well_placed(block))
      return contents::misplaced;
    finite = all_finite(block.kept_values());
    break;
  }
  return finite ? contents::sound : contents::not_finite;
}

void chunk_reader::open_kept(std::size_t count) {
  std::fill_n(chunk_.begin(), count, 0.0F);
  const auto values = block_.kept_values();
  block_.with_places([&](auto places) {
    for (; entry_ < places.size() && places[entry_] < at_ + count; ++entry_)
      chunk_[places[entry_] - at_] = values[entry_];
  });
}

std::span<const float> chunk_reader::next() {
  const auto count = block_.format() == wire_format::fp32
                         ? block_.size()
                         : std::min(chunk_size, block_.size() - at_);
  switch (block_.format()) {
  case wire_format::fp32:
    at_ = count;
    return block_.plain().values();
  case wire_format::fp16:
    decode_fp16(block_.fp16_values().subspan(at_, count), chunk_.data());
    break;
  case wire_format::int8:
    decode_int8(block_.scales()[at_ / chunk_size], block_.levels().subspan(at_, count),
                chunk_.data());
    break;
  case wire_format::topk:
    open_kept(count);
    break;
  }
  at_ += count;
  return {chunk_.data(), count};
}

void decode(const encoded_block& block, std::span<float> to) {
  auto* into = to.data();
  for (chunk_reader reader{block}; !reader.done();)
    into = std::ranges::copy(reader.next(), into).out;
}

} // namespace adsp
