#include "sync/free_policy.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace adsp::sync {

void free_policy::start(seconds) {
  started_ = released_ = true;
  for (auto& each : entries_)
    ++each.revision;
}

void free_policy::joined(worker_id who, seconds) {
  if (entries_.size() <= who)
    entries_.resize(std::size_t{who} + 1);
  ++entries_[who].revision;
}

void free_policy::left(worker_id who, seconds) {
  if (who < entries_.size())
    entries_[who].speed = 0;
}

void free_policy::reported(worker_id who, const progress& done, seconds) {
  if (!members_.present(who))
    return;
  auto& x = entries_[who];
  ++x.revision; // others may have become faster or slower
  if (done.steps > 0 && done.compute > 0)
    x.speed = static_cast<double>(done.steps) / done.compute;
}

double free_policy::largest_speed() const {
  double most = 0;
  for (const auto& each : entries_)
    most = std::max(most, each.speed);
  return most;
}

instruction free_policy::instruction_of(worker_id who) const {
  if (!members_.present(who))
    return {};
  instruction x;
  x.revision = entries_[who].revision;
  x.permitted_commits = started_ ? unlimited : 0;
  x.local_steps = local_steps_;
  if (const auto speed = entries_[who].speed; share_ == step_share::by_speed && speed > 0)
    x.local_steps = std::max(
        1U, static_cast<std::uint32_t>(std::floor(speed / largest_speed() * local_steps_)));
  return x;
}

void free_policy::take_released(std::vector<worker_id>& out) {
  if (!std::exchange(released_, false))
    return;
  for (const auto who : members_.ids_present())
    out.push_back(who);
}

policy_status free_policy::status(seconds) const {
  policy_status x;
  x.asynchronous = true;
  x.local_steps = local_steps_;
  return x;
}

} // namespace adsp::sync
