#include "actors/scheduler/roll_call.hpp"

#include <algorithm>

namespace adsp {

std::optional<sync::worker_id> roll_call::next() {
  if (asked_.size() >= window || next_ == whom_.size())
    return std::nullopt;
  const auto who = whom_[next_++];
  asked_.insert(who);
  return who;
}

void roll_call::strike_off(sync::worker_id who) {
  if (asked_.erase(who) > 0)
    return;
  const auto rest = whom_.begin() + static_cast<std::ptrdiff_t>(next_);
  const auto found = std::lower_bound(rest, whom_.end(), who);
  if (found != whom_.end() && *found == who)
    whom_.erase(found);
}

} // namespace adsp
