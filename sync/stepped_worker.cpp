#include "sync/stepped_worker.hpp"

namespace adsp::sync {

void stepped_worker::instruct(const instruction& x, seconds) {
  if (x.revision > instruction_.revision)
    instruction_ = x;
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
  if (refresh_ == refresh::after_release)
    pull_due_ = true;
  else if (refresh_ != refresh::with_commit && commits_ >= instruction_.permitted_commits)
    pull_due_ = true; // stopped: what the slower ones commit meanwhile must be seen
}

} // namespace adsp::sync
