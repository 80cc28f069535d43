#include "sync/timed_worker.hpp"

#include <algorithm>
#include <utility>

namespace adsp::sync {

namespace {

/// Weight of the newest exchange in the smoothed O_i.
constexpr double newest_exchange_weight = 0.5;

} // namespace

void timed_worker::instruct(const instruction& order, seconds now) {
  if (order.revision <= instruction_.revision)
    return;
  if (instruction_.permitted_commits == 0)
    timer_start_ = now; // training starts
  instruction_ = order;
}

action timed_worker::next(seconds now) const {
  if (commits_ + (committing_ ? 1 : 0) >= instruction_.permitted_commits)
    return action::wait;
  if (steps_ > 0 && !committing_ && now >= timer_start_ + interval())
    return action::commit;
  return action::step;
}

void timed_worker::committing(seconds now) {
  committing_ = true;
  steps_ = 0;
  timer_start_ = now;
}

void timed_worker::committed(seconds now, seconds exchange) {
  ++commits_;
  if (std::exchange(committing_, false))
    return;
  steps_ = 0;
  timer_start_ = now;
  exchange_ =
      exchange_ < 0 ? exchange : exchange_ + newest_exchange_weight * (exchange - exchange_);
}

void timed_worker::voided(seconds now) {
  committing_ = false;
  steps_ = 0;
  timer_start_ = now;
}

seconds timed_worker::interval() const {
  const auto spread = check_period_ / instruction_.commits_due - std::max(0.0, exchange_);
  return std::max(0.0, spread);
}

} // namespace adsp::sync
