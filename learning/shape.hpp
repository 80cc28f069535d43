// The shape of a sample at a point in a network.
#pragma once

#include <cstddef>
#include <string>

namespace adsp::learning {

/// The extents of a sample, stored row by row, each row place by place, the channels of a place
/// side by side. An image is height x width x channels, a series is steps x 1 x numbers of a step,
/// anything else is 1 x 1 x numbers.
struct shape {
  std::ptrdiff_t height = 1; ///< of a series: steps
  std::ptrdiff_t width = 1;
  std::ptrdiff_t channels = 1;

  std::ptrdiff_t size() const { return height * width * channels; }
  bool operator==(const shape&) const = default;
};

/// The shape of a sample of plain numbers.
inline shape flat(std::ptrdiff_t numbers) {
  return {1, 1, numbers};
}

/// "28 x 28 x 1", or only the channels if the rest is 1.
std::string to_string(const shape& size);

} // namespace adsp::learning
