#include "learning/layers/initialiser.hpp"

#include <cassert>
#include <cmath>

namespace adsp::learning {

template <class Scalar>
void initialiser::fill(std::span<Scalar> weights, std::ptrdiff_t inputs, std::ptrdiff_t outputs,
                       generator& random) const {
  assert(is_initialiser(kind));
  const auto he = std::sqrt(2.0 / static_cast<double>(inputs));
  const auto glorot = std::sqrt(6.0 / static_cast<double>(inputs + outputs));
  for (auto& w : weights) {
    double value = 0;
    if (kind == "he") {
      value = he * random.normal();
    } else if (kind == "glorot") {
      value = glorot * (2 * random.uniform() - 1);
    } else if (kind == "truncated_normal") {
      do
        value = random.normal();
      while (std::abs(value) > 2);
      value *= deviation;
    }
    w = static_cast<Scalar>(value);
  }
}

bool is_initialiser(const std::string& kind) {
  return kind == "zero" || kind == "he" || kind == "glorot" || kind == "truncated_normal";
}

template void initialiser::fill(std::span<float>, std::ptrdiff_t, std::ptrdiff_t, generator&) const;
template void initialiser::fill(std::span<double>, std::ptrdiff_t, std::ptrdiff_t,
                                generator&) const;

} // namespace adsp::learning
