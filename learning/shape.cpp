#include "learning/shape.hpp"

namespace adsp::learning {

std::string to_string(const shape& x) {
  auto channels = std::to_string(x.channels);
  if (x.height == 1 && x.width == 1)
    return channels;
  return std::to_string(x.height) + " x " + std::to_string(x.width) + " x " + channels;
}

} // namespace adsp::learning
