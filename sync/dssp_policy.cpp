#include "sync/dssp_policy.hpp"

#include <algorithm>
#include <cmath>

namespace adsp::sync {

std::uint32_t extra_commits(const commit_times& fast, const commit_times& slowest,
                            std::uint32_t r_max) {
  if (fast.interval <= 0 || slowest.interval <= 0)
    return 0;
  std::uint32_t best = 0;
  auto least = never;
  for (std::uint32_t r = 0; r <= r_max; ++r) {
    const auto mine = fast.last + r * fast.interval;
    const auto next = slowest.last + slowest.interval; // k = 0
    const auto k =
        std::clamp(std::round((mine - next) / slowest.interval), 0.0, static_cast<double>(r_max));
    const auto apart = std::abs(next + k * slowest.interval - mine);
    if (apart < least) {
      least = apart;
      best = r;
    }
  }
  return best;
}

void dssp_policy::start(seconds now) {
  gate_.start();
  for (auto& each : entries_)
    each.times = {now, 0};
}

void dssp_policy::joined(worker_id who, seconds now) {
  gate_.join(who);
  if (entries_.size() <= who)
    entries_.resize(std::size_t{who} + 1);
  entries_[who] = {0, 0, {now, 0}};
}

std::int64_t dssp_policy::room(worker_id who) const {
  return static_cast<std::int64_t>(gate_.permitted(who)) -
         static_cast<std::int64_t>(entries_[who].commits);
}

worker_id dssp_policy::slowest() const {
  worker_id found = 0;
  for (worker_id id = 0; id < entries_.size(); ++id)
    if (gate_.known(id) && (!gate_.known(found) || room(id) > room(found)))
      found = id;
  return found;
}

bool dssp_policy::fastest(worker_id who) const {
  for (worker_id id = 0; id < entries_.size(); ++id)
    if (gate_.known(id) && room(id) < room(who))
      return false;
  return true;
}

void dssp_policy::reported(worker_id who, const progress& done, seconds now) {
  gate_.advance(who, done.commits);
  if (!gate_.known(who) || done.commits <= entries_[who].commits)
    return;
  auto& mine = entries_[who];
  // Reports may have been lost: takes the mean over the commits since the last report.
  mine.times = {now, (now - mine.times.last) / static_cast<double>(done.commits - mine.commits)};
  mine.commits = done.commits;
  if (room(who) > 0 || mine.commits < mine.granted || !fastest(who))
    return;
  const auto r = extra_commits(mine.times, entries_[slowest()].times, r_max_);
  const auto granted = std::min(mine.commits + r, gate_.permitted(who) + r_max_);
  if (granted > mine.granted) {
    mine.granted = granted;
    ++grants_;
  }
}

instruction dssp_policy::instruction_of(worker_id who) const {
  if (!gate_.known(who))
    return {};
  return {gate_.revision() + grants_,
          std::max(gate_.permitted(who), entries_[who].granted),
          1,
          1,
          0,
          0};
}

policy_status dssp_policy::status(seconds) const {
  policy_status x;
  x.asynchronous = true;
  return x;
}

} // namespace adsp::sync
