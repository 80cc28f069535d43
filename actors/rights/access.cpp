#include "actors/rights/access.hpp"

#include "messages/wire_names.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace adsp {

namespace {

/// Messages that any peer may send, by their types: to become a member, to join, to commit, to
/// pull, to report counts, to report a dropped process, and to leave. Everything else is an order,
/// or a message of an actor to itself.
constexpr std::array<std::string_view, 7> open_to_all_peers{
    types_on_wire<hello, node_actor>,
    types_on_wire<join, worker_actor>,
    types_on_wire<push>,
    types_on_wire<pull>,
    types_on_wire<report>,
    types_on_wire<dropped_atom, caf::node_id>,
    types_on_wire<leave_atom, node_actor>,
};

} // namespace

access::access(caf::node_id here, std::function<void(std::string)> log,
               std::shared_ptr<transport::peers> all)
    : here_{std::move(here)}, log_{std::move(log)}, all_{std::move(all)} {}

std::string access::owner(const caf::node_id& peer, const std::string& certificate) {
  return certificate.empty() ? to_string(peer) : certificate;
}

const access::rights* access::of(const caf::node_id& peer) const {
  const auto i = peers_.find(peer);
  return i != peers_.end() && i->second.certificate == certificate_of(peer) ? &i->second : nullptr;
}

// -- rights ---------------------------------------------------------------------------------------

void access::follow(const caf::node_id& scheduler) {
  const std::lock_guard lock{mutex_};
  scheduler_ = scheduler;
  scheduler_certificate_ = certificate_of(scheduler);
}

void access::admit(const caf::node_id& peer, std::string name,
                   const std::vector<std::string>& workers) {
  const std::lock_guard lock{mutex_};
  auto& known = peers_[peer];
  known.name = std::move(name);
  known.certificate = certificate_of(peer);
  known.names.insert(workers.begin(), workers.end());
  known.admitted = true;
}

void access::permit(sync::worker_id worker, const caf::node_id& peer, std::string certificate) {
  const std::lock_guard lock{mutex_};
  const auto found = strikes_.find(owner(peer, certificate));
  if (found != strikes_.end() && found->second >= max_strikes)
    return;
  auto& known = peers_[peer];
  known.certificate = std::move(certificate);
  known.workers.insert(worker);
  known.admitted = true;
}

void access::revoke(const caf::node_id& peer) {
  {
    const std::lock_guard lock{mutex_};
    peers_.erase(peer);
  }
  all_->close(peer);
}

bool access::leads(const caf::node_id& peer) const {
  if (peer == here_)
    return true;
  const std::shared_lock lock{mutex_};
  return scheduler_ && peer == scheduler_ && certificate_of(peer) == scheduler_certificate_;
}

bool access::may_join(const std::string& worker, const caf::node_id& peer) const {
  if (peer == here_)
    return true;
  const std::shared_lock lock{mutex_};
  const auto* known = of(peer);
  return known != nullptr && known->names.contains(worker);
}

bool access::may_pull(const caf::node_id& peer) const {
  if (peer == here_)
    return true;
  const std::shared_lock lock{mutex_};
  const auto* known = of(peer);
  return known != nullptr && !known->workers.empty();
}

bool access::may_commit(sync::worker_id worker, const caf::node_id& peer) const {
  if (peer == here_)
    return true;
  const std::shared_lock lock{mutex_};
  const auto* known = of(peer);
  return known != nullptr && known->workers.contains(worker);
}

bool access::admitted(const caf::node_id& peer) const {
  if (leads(peer))
    return true;
  const std::shared_lock lock{mutex_};
  const auto* known = of(peer);
  return known != nullptr && known->admitted;
}

bool access::may_ask(const caf::node_id& peer, std::string_view types) const {
  return std::ranges::find(open_to_all_peers, types) != open_to_all_peers.end() || leads(peer);
}

// -- strikes --------------------------------------------------------------------------------------

bool access::dropped(const caf::node_id& peer, const std::string& certificate) const {
  const std::shared_lock lock{mutex_};
  const auto i = strikes_.find(owner(peer, certificate));
  return i != strikes_.end() && i->second >= max_strikes;
}

void access::strike(const caf::node_id& peer, const std::string& what) {
  if (peer == here_)
    return;
  {
    const std::lock_guard lock{mutex_};
    auto& count = strikes_[owner(peer, certificate_of(peer))];
    if (count != max_strikes - 1) {
      count = std::min(count + 1, max_strikes);
      return;
    }
  }
  drop(peer, what + "; the last of " + std::to_string(max_strikes) + " bad messages");
}

void access::drop(const caf::node_id& peer, const std::string& what) {
  if (peer == here_)
    return;
  std::string line;
  std::function<void(const caf::node_id&)> tell;
  {
    const std::lock_guard lock{mutex_};
    const auto whose = owner(peer, certificate_of(peer));
    if (std::exchange(strikes_[whose], max_strikes) >= max_strikes)
      return;
    const auto i = peers_.find(peer);
    const bool named = i != peers_.end() && !i->second.name.empty();
    line = "peer=" + (named ? i->second.name : whose) + " dropped reason=\"" + what + "\"";
    peers_.erase(peer);
    tell = when_dropped_;
  }
  log_(line);
  if (tell)
    tell(peer);
  all_->close(peer);
}

void access::when_dropped(std::function<void(const caf::node_id&)> listener) {
  const std::lock_guard lock{mutex_};
  when_dropped_ = std::move(listener);
}

} // namespace adsp
