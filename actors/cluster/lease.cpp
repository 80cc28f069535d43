#include "actors/cluster/lease.hpp"

#include "actors/plan/defaults.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace adsp {

sync::seconds cut_off_wait(sync::seconds lease) {
  constexpr std::chrono::duration<double> most = defaults::shard_attempts * defaults::shard_timeout;
  return std::min(1.5 * lease, most.count());
}

bool standstill::stood_still(sync::seconds now, sync::seconds lease) {
  return now - std::exchange(last_, now) > lease / 2;
}

lease_keeper::round lease_keeper::check(sync::seconds now) {
  const bool stood_still = own_.stood_still(now, lease_);
  round found;
  for (auto& [id, each] : members_) {
    if (stood_still) // nobody could be heard meanwhile
      each.heard = now;
    if (now - each.heard > lease_)
      found.silent.push_back(id);
    else if (!std::exchange(each.asked, true))
      found.ask.push_back(id);
  }
  return found;
}

void lease_keeper::answered(member_id who, sync::seconds now) {
  if (const auto found = members_.find(who); found != members_.end())
    found->second = {now};
}

void lease_keeper::unanswered(member_id who) {
  if (const auto found = members_.find(who); found != members_.end())
    found->second.asked = false;
}

std::optional<sync::seconds> lease_watch::check(sync::seconds now, int leases) {
  if (own_.stood_still(now, lease_)) // nothing could be heard meanwhile
    heard_ = now;
  const auto silent = now - heard_;
  if (silent > leases * lease_)
    return silent;
  return std::nullopt;
}

} // namespace adsp
