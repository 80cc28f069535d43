#include "actors/access.hpp"

#include <utility>

namespace adsp {

void access::follow(const caf::node_id& scheduler) {
  const std::lock_guard lock{mutex_};
  scheduler_ = scheduler;
}

void access::admit(const caf::node_id& peer, std::string name,
                   const std::vector<std::string>& workers) {
  const std::lock_guard lock{mutex_};
  auto& known = peers_[peer];
  known.name = std::move(name);
  if (known.strikes < max_strikes)
    known.names.insert(workers.begin(), workers.end());
}

void access::permit(sync::worker_id worker, const caf::node_id& peer) {
  const std::lock_guard lock{mutex_};
  auto& known = peers_[peer];
  if (known.strikes < max_strikes)
    known.workers.insert(worker);
}

void access::revoke(const caf::node_id& peer) {
  const std::lock_guard lock{mutex_};
  const auto i = peers_.find(peer);
  if (i == peers_.end())
    return;
  i->second.names.clear();
  i->second.workers.clear();
}

bool access::leads(const caf::node_id& peer) const {
  if (peer == here_)
    return true;
  const std::shared_lock lock{mutex_};
  return scheduler_ && peer == scheduler_;
}

bool access::may_join(const std::string& worker, const caf::node_id& peer) const {
  if (peer == here_)
    return true;
  const std::shared_lock lock{mutex_};
  const auto i = peers_.find(peer);
  return i != peers_.end() && i->second.names.contains(worker);
}

bool access::may_pull(const caf::node_id& peer) const {
  if (peer == here_)
    return true;
  const std::shared_lock lock{mutex_};
  const auto i = peers_.find(peer);
  return i != peers_.end() && !i->second.workers.empty();
}

bool access::may_commit(sync::worker_id worker, const caf::node_id& peer) const {
  if (peer == here_)
    return true;
  const std::shared_lock lock{mutex_};
  const auto i = peers_.find(peer);
  return i != peers_.end() && i->second.workers.contains(worker);
}

void access::strike(const caf::node_id& peer, const std::string& what) {
  if (peer == here_)
    return;
  std::string line;
  {
    const std::lock_guard lock{mutex_};
    auto& known = peers_[peer];
    if (++known.strikes != max_strikes)
      return;
    known.names.clear();
    known.workers.clear();
    line = "peer=" + (known.name.empty() ? to_string(peer) : known.name) + " dropped reason=\"" +
           what + "\" bad_messages=" + std::to_string(max_strikes);
  }
  told_(line);
}

} // namespace adsp
