#include "sync/stepped_worker.hpp"

namespace adsp::sync {

void stepped_worker::instruct(const instruction& order, seconds) {
  if (order.revision <= instruction_.revision)
    return;
  instruction_ = order;
  if (covered_ == 0)
    covered_ = order.permitted_commits; // for the parameters it starts from
  ask();
}

action stepped_worker::next(seconds) const {
  if (steps_ > 0 && steps_ >= instruction_.local_steps)
    return action::commit;
  if (commits_ >= instruction_.permitted_commits)
    return action::wait;
  return pull_due_ ? action::pull : action::step;
}

bool stepped_worker::pulls_with_commit() const {
  return refresh_ == refresh::with_commit || refresh_ == refresh::with_commit_and_when_stopped;
}

void stepped_worker::committed(seconds, seconds) {
  ++commits_;
  steps_ = 0;
  const bool stopped = commits_ >= instruction_.permitted_commits;
  if (refresh_ == refresh::after_release ||
      // The worker must see what slower ones commit meanwhile.
      (refresh_ == refresh::with_commit_and_when_stopped && stopped) ||
      (refresh_ == refresh::when_stale && commits_ >= covered_))
    pull_due_ = true;
  ask();
}

void stepped_worker::pulled(seconds) {
  pull_due_ = false;
  covered_ = asked_;
  asked_ = 0;
}

/// Records the permission under which a pull begins. It tells how far the slowest worker was, hence
/// which commits the pull returns. A later permission says nothing about that copy, even if it
/// arrives before the pull is over.
void stepped_worker::ask() {
  if (pull_due_ && asked_ == 0 && commits_ < instruction_.permitted_commits)
    asked_ = instruction_.permitted_commits;
}

} // namespace adsp::sync
