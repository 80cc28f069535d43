#include "learning/data/density_bins.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace adsp::learning {

moments moments::of(std::span<const double> values) {
  if (values.empty() ||
      std::all_of(values.begin(), values.end(), [&](double y) { return y == values.front(); }))
    return {values.empty() ? 0 : values.front(), 0};
  moments result;
  const auto count = static_cast<double>(values.size());
  result.mean = std::accumulate(values.begin(), values.end(), 0.0) / count;
  double squares = 0;
  for (auto y : values)
    squares += (y - result.mean) * (y - result.mean);
  result.deviation = std::sqrt(squares / count);
  return result;
}

std::int32_t density_bins::operator()(double value) const {
  const auto half = static_cast<std::int32_t>(bins / 2);
  const auto z = normal.standardised(value);
  // pdf(x) / ref: the factors of the density that do not depend on x cancel.
  const auto step = std::min(static_cast<std::int32_t>(half * std::exp(-z * z / 2)), half - 1);
  return z < 0 ? step : 2 * half - 1 - step;
}

} // namespace adsp::learning
