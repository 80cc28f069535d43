// Checks whether floats are finite within loops that process them anyway.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <span>

namespace adsp {

/// To be shown every float of a loop. It keeps the largest exponent as an integer, because a
/// maximum of integers compiles to vector instructions, while a sum of floats, which may not be
/// reordered, does not.
class finite_check {
public:
  void see(float x) { largest_ = std::max(largest_, std::bit_cast<std::uint32_t>(x) & exponent); }

  /// Whether no float was NaN or infinite.
  bool passed() const { return largest_ != exponent; }

private:
  static constexpr std::uint32_t exponent = 0x7f800000u; ///< all bits set only in NaN and infinity

  std::uint32_t largest_ = 0;
};

inline bool all_finite(std::span<const float> values) {
  finite_check check;
  for (auto value : values)
    check.see(value);
  return check.passed();
}

} // namespace adsp
