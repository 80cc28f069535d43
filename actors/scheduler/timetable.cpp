#include "actors/scheduler/timetable.hpp"

#include <algorithm>
#include <utility>

namespace adsp {

void timetable::start() {
  steps.start();
  next_rows_ = row_period_;
}

std::optional<sync::seconds> timetable::arm(sync::seconds policy_tick) {
  const auto due = std::min({policy_tick, next_rows_, steps.next(), max_time_});
  if (due >= armed_for_)
    return std::nullopt;
  armed_for_ = due;
  return due;
}

std::optional<sync::seconds> timetable::wake(sync::seconds now) {
  // The clock rounds to its tick, `armed_for_` is not rounded.
  constexpr sync::seconds tick = 1e-8;
  if (now + tick < armed_for_)
    return std::nullopt;
  return std::max(now, std::exchange(armed_for_, sync::never));
}

bool timetable::take_rows(sync::seconds now) {
  if (now < next_rows_)
    return false;
  next_rows_ += row_period_;
  return true;
}

} // namespace adsp
