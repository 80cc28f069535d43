#include "learning/shape.hpp"

namespace adsp::learning {

std::string to_string(const shape& size) {
  auto channels = std::to_string(size.channels);
  if (size.height == 1 && size.width == 1)
    return channels;
  return std::to_string(size.height) + " x " + std::to_string(size.width) + " x " + channels;
}

} // namespace adsp::learning
