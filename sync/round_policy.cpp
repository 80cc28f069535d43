#include "sync/round_policy.hpp"

#include <algorithm>
#include <utility>

namespace adsp::sync {

void round_policy::start(seconds now) {
  now_ = now;
  started_ = true;
  set_pace();
  moment_ = now + pace_.length;
  step_at_ = moment_ + pace_.grace;
  restored(now);
}

void round_policy::joined(worker_id who, seconds now) {
  now_ = now;
  if (revisions_.size() <= who)
    revisions_.resize(std::size_t{who} + 1);
  ++revisions_[who];
}

void round_policy::left(worker_id who, seconds) {
  measured_.forget(who);
}

void round_policy::reported(worker_id who, const progress& done, seconds now) {
  now_ = now;
  if (!members_.present(who))
    return;
  ++revisions_[who]; // the time to the next moment is another
  const bool guessed = !measured_.known(members_);
  measured_.measure(who, done);
  if (started_ && guessed && measured_.known(members_))
    end_guess();
}

void round_policy::end_guess() {
  set_pace();
  if (now_ + pace_.length >= moment_)
    return;
  moment_ = now_ + pace_.length;
  step_at_ = moment_ + pace_.grace;
  tell_all();
}

void round_policy::set_pace() {
  if (measured_.known(members_))
    pace_ = measured_.of(members_);
  else if (closed_ > 0 && pace_.length < longest_unmeasured)
    pace_ = {2 * pace_.length, pace_.length};
  if (options_.length > 0)
    pace_.length = std::max(options_.length, shortest_round);
  if (options_.grace > 0)
    pace_.grace = options_.grace;
  // A worker waits for the answer to a commit as long as a round may last, as far as it knows.
  if (longest_hold() > 1.1 * told_hold_) {
    told_hold_ = longest_hold();
    tell_all();
  }
}

void round_policy::restored(seconds now) {
  now_ = now;
  tell_all();
}

void round_policy::tell_all() {
  released_ = true;
  for (auto& each : revisions_)
    ++each;
}

void round_policy::tick(seconds now) {
  now_ = now;
  if (now < step_at_)
    return;
  ++closed_;
  set_pace();
  while (moment_ <= now)
    moment_ += pace_.length;
  step_at_ = moment_ + pace_.grace;
}

instruction round_policy::instruction_of(worker_id who) const {
  if (!members_.present(who))
    return {};
  instruction x;
  x.revision = revisions_[who];
  x.permitted_commits = started_ ? unlimited : 0;
  x.round_length = pace_.length;
  x.held_at_most = told_hold_;
  auto moment = moment_;
  while (moment <= now_)
    moment += pace_.length;
  x.until_round = started_ ? moment - now_ : 0;
  return x;
}

void round_policy::take_released(std::vector<worker_id>& out) {
  if (!std::exchange(released_, false))
    return;
  for (const auto who : members_.ids_present())
    out.push_back(who);
}

policy_status round_policy::status(seconds) const {
  policy_status x;
  x.asynchronous = true;
  x.commit_rate = check_period_ / pace_.length;
  return x;
}

} // namespace adsp::sync
