#include "learning/data/density_bins.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace adsp::learning {

moments moments::of(std::span<const double> x) {
  if (x.empty() || std::all_of(x.begin(), x.end(), [&](double y) { return y == x.front(); }))
    return {x.empty() ? 0 : x.front(), 0};
  moments result;
  const auto count = static_cast<double>(x.size());
  result.mean = std::accumulate(x.begin(), x.end(), 0.0) / count;
  double squares = 0;
  for (auto y : x)
    squares += (y - result.mean) * (y - result.mean);
  result.deviation = std::sqrt(squares / count);
  return result;
}

std::int32_t density_bins::operator()(double x) const {
  const auto half = static_cast<std::int32_t>(bins / 2);
  const auto z = normal.standardised(x);
  // pdf(x) / ref: the factors of the density that do not depend on x cancel.
  const auto step = std::min(static_cast<std::int32_t>(half * std::exp(-z * z / 2)), half - 1);
  return z < 0 ? step : 2 * half - 1 - step;
}

} // namespace adsp::learning
