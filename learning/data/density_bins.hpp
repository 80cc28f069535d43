// Real targets sorted into classes.
#pragma once

#include <cstdint>
#include <span>

namespace adsp::learning {

/// Mean and standard deviation.
struct moments {
  double mean = 0;
  double deviation = 0; ///< exactly 0 when all values are equal

  static moments of(std::span<const double> values);

  /// (x - mean) / deviation; 0 when the deviation is 0.
  double standardised(double x) const { return deviation == 0 ? 0 : (x - mean) / deviation; }
};

/// Classes of equal steps of the density of a normal distribution (Hu, Wang, Wu, 2020, use 10).
/// With ref = pdf(mean) / (bins/2), the class of x is floor(pdf(x) / ref) below the mean and
/// bins - 1 - floor(pdf(x) / ref) at or above it. The floor is at most bins/2 - 1, also at the mean
/// itself, where the quotient is bins/2: so bins/2 classes are below the mean, in the order of the
/// values, and bins/2 above.
struct density_bins {
  moments normal;
  std::uint32_t bins = 10; ///< even

  std::int32_t operator()(double value) const;
};

} // namespace adsp::learning
