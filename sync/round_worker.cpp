#include "sync/round_worker.hpp"

#include <cmath>

namespace adsp::sync {

void round_worker::instruct(const instruction& order, seconds now) {
  if (order.revision <= instruction_.revision)
    return;
  const bool missed = instruction_.revision > 0 && now >= due_ && !committing_;
  instruction_ = order;
  if (!missed)
    due_ = now + order.until_round;
}

action round_worker::next(seconds now) const {
  if (commits_ + (committing_ ? 1 : 0) >= instruction_.permitted_commits)
    return action::wait;
  if (steps_ > 0 && !committing_ && now >= due_)
    return action::commit;
  return action::step;
}

void round_worker::pass(seconds now) {
  const auto length = instruction_.round_length;
  if (now >= due_ && length > 0)
    due_ += length * (std::floor((now - due_) / length) + 1);
}

void round_worker::committing(seconds now) {
  committing_ = true;
  steps_ = 0;
  pass(now);
}

void round_worker::committed(seconds now, seconds) {
  ++commits_;
  committing_ = false;
  pass(now); // moments during an exchange are left out
}

void round_worker::voided(seconds now) {
  committing_ = false;
  steps_ = 0;
  pass(now);
}

} // namespace adsp::sync
