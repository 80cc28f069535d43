// Whether floats are finite, found out in loops that do something else with them too.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <span>

namespace adsp {

/// Sees every float of a loop. The largest exponent is kept, as an integer, because a maximum of
/// integers compiles to vector instructions where a sum of floats, which may not be reordered, does
/// not.
class finite_check {
public:
  void see(float x) { largest_ = std::max(largest_, std::bit_cast<std::uint32_t>(x) & exponent); }

  /// Whether none was NaN or infinite.
  bool passed() const { return largest_ != exponent; }

private:
  static constexpr std::uint32_t exponent = 0x7f800000u; ///< all set in NaN and infinity only

  std::uint32_t largest_ = 0;
};

inline bool all_finite(std::span<const float> values) {
  finite_check check;
  for (auto value : values)
    check.see(value);
  return check.passed();
}

} // namespace adsp
