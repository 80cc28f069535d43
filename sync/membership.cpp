#include "sync/membership.hpp"

#include <utility>

namespace adsp::sync {

worker_id membership::join(std::string name, seconds now) {
  names_.insert(name);
  member x;
  x.name = std::move(name);
  x.joined_at = now;
  members_.push_back(std::move(x));
  ++present_;
  return static_cast<worker_id>(members_.size() - 1);
}

bool membership::make_ready(worker_id who) {
  if (!present(who) || std::exchange(members_[who].ready, true))
    return false;
  ++ready_;
  return true;
}

void membership::report(worker_id who, const progress& counts) {
  auto& known = members_[who].done;
  if (counts.steps < known.steps || counts.commits < known.commits)
    return;
  total_ += counts - known;
  known = counts;
}

bool membership::leave(worker_id who, seconds now) {
  if (!present(who))
    return false;
  auto& x = members_[who];
  x.present = false;
  x.left_at = now;
  names_.erase(x.name);
  --present_;
  ready_ -= x.ready ? 1 : 0;
  return true;
}

std::vector<worker_id> membership::ids_present() const {
  std::vector<worker_id> ids;
  ids.reserve(present_);
  for (worker_id who = 0; who < members_.size(); ++who)
    if (members_[who].present)
      ids.push_back(who);
  return ids;
}

} // namespace adsp::sync
