#include "actors/device.hpp"

#include <cmath>

namespace adsp {

sync::seconds device::step_time() {
  if (group_.step_seconds <= 0 || group_.jitter <= 0)
    return group_.step_seconds;
  // exp(s z - s^2/2) has mean 1 and variance exp(s^2) - 1.
  const auto variance = std::log1p(group_.jitter * group_.jitter);
  return group_.step_seconds * std::exp(std::sqrt(variance) * random_.normal() - variance / 2);
}

sync::seconds device::transfer_time(std::uint64_t bytes) const {
  auto time = group_.latency;
  if (group_.bandwidth > 0)
    time += 8.0 * static_cast<double>(bytes) / group_.bandwidth;
  return time;
}

} // namespace adsp
