#include "sync/ringmaster_policy.hpp"

namespace adsp::sync {

void ringmaster_policy::start(seconds) {
  started_ = true;
  for (const auto who : members_.ids_present()) {
    ++entries_[who].revision;
    released_.push_back(who);
  }
}

void ringmaster_policy::joined(worker_id who, seconds) {
  if (entries_.size() <= who)
    entries_.resize(std::size_t{who} + 1);
  ++entries_[who].revision;
}

void ringmaster_policy::reported(worker_id who, const progress& done, seconds) {
  if (!members_.present(who) || done.commits <= entries_[who].commits)
    return;
  const auto applied = done.commits - entries_[who].commits;
  entries_[who].commits = done.commits;
  entries_[who].delay = 0;
  for (worker_id other = 0; other < entries_.size(); ++other) {
    if (other == who || !members_.present(other))
      continue;
    auto& x = entries_[other];
    x.delay += applied;
    if (x.delay < bound_)
      continue;
    x.delay = 0;
    ++x.anew;
    ++x.revision;
    released_.push_back(other);
  }
}

instruction ringmaster_policy::instruction_of(worker_id who) const {
  if (!members_.present(who))
    return {};
  instruction x;
  x.revision = entries_[who].revision;
  x.permitted_commits = started_ ? unlimited : 0;
  x.round = entries_[who].anew;
  return x;
}

void ringmaster_policy::take_released(std::vector<worker_id>& out) {
  out.insert(out.end(), released_.begin(), released_.end());
  released_.clear();
}

policy_status ringmaster_policy::status(seconds) const {
  policy_status x;
  x.asynchronous = true;
  return x;
}

void ringmaster_worker::instruct(const instruction& order, seconds) {
  if (order.revision > instruction_.revision)
    instruction_ = order;
}

action ringmaster_worker::next(seconds) const {
  if (instruction_.permitted_commits == 0)
    return action::wait;
  if (instruction_.round > begun_)
    return action::pull;
  return stepped_ ? action::commit : action::step;
}

void ringmaster_worker::committed(seconds, seconds) {
  stepped_ = false;
  begun_ = instruction_.round;
}

void ringmaster_worker::pulled(seconds) {
  stepped_ = false;
  begun_ = instruction_.round;
}

} // namespace adsp::sync
