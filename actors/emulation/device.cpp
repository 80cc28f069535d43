#include "actors/emulation/device.hpp"

#include <algorithm>
#include <cmath>

namespace adsp {

namespace {

/// One tick of the clock: with steps of zero length virtual time would stand still.
constexpr sync::seconds shortest_step = 1e-9;

} // namespace

sync::seconds device::step_time(sync::seconds now) {
  auto time = options_.step_seconds;
  if (time <= 0)
    return 0;
  double factor = 1;
  for (const auto& point : options_.throttle)
    if (point.from <= now)
      factor = point.factor;
  time *= factor;
  if (options_.jitter <= 0)
    return std::max(time, shortest_step);
  // exp(s z - s^2/2) has mean 1 and variance exp(s^2) - 1.
  const auto variance = std::log1p(options_.jitter * options_.jitter);
  return std::max(time * std::exp(std::sqrt(variance) * random_.normal() - variance / 2),
                  shortest_step);
}

sync::seconds device::transfer_time(std::uint64_t bytes) const {
  auto time = options_.latency;
  if (options_.bandwidth > 0)
    time += 8.0 * static_cast<double>(bytes) / options_.bandwidth;
  return time;
}

} // namespace adsp
