#include "sync/step_limit.hpp"

#include <algorithm>

namespace adsp::sync {

void step_limit::counted(std::uint64_t steps, std::uint64_t workers, seconds now) {
  if (limit_ == 0)
    return;
  auto wait = now / 2; // no step yet
  if (steps > 0 && now > counted_at_) {
    const auto goal = limit_ + workers;
    const auto rest = static_cast<double>(goal - std::min(goal, steps));
    const auto speed = std::max(static_cast<double>(steps - steps_) / (now - counted_at_),
                                static_cast<double>(steps) / now);
    wait = std::max(1.0, rest / 2) / speed;
  }
  steps_ = steps;
  counted_at_ = now;
  next_ = now + std::max(shortest, wait);
}

} // namespace adsp::sync
