// The actors of a job's workers, by their ids.
#pragma once

#include "messages/protocol.hpp"

#include <caf/actor_addr.hpp>
#include <caf/actor_clock.hpp>
#include <caf/node_id.hpp>

#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

namespace adsp {

class worker_links {
public:
  struct link {
    worker_actor handle;
    caf::actor_clock::time_point since; ///< when it joined
  };

  /// Ids come in the order 0, 1, 2, ...
  void add(worker_actor handle, caf::actor_clock::time_point now) {
    ids_.emplace(handle.address(), static_cast<worker_id>(links_.size()));
    links_.push_back({std::move(handle), now});
  }

  const link& operator[](worker_id who) const { return links_[who]; }

  /// The worker with this actor, unless it has been forgotten.
  std::optional<worker_id> id_of(const caf::actor_addr& actor) const {
    const auto i = ids_.find(actor);
    return i == ids_.end() ? std::nullopt : std::optional{i->second};
  }

  /// The worker has left: the end of its actor no longer matters.
  void forget(worker_id who) { ids_.erase(links_[who].handle.address()); }

  bool lives_in(worker_id who, const caf::node_id& process) const {
    return links_[who].handle.node() == process;
  }

private:
  std::vector<link> links_; ///< indexed by worker_id
  std::unordered_map<caf::actor_addr, worker_id> ids_;
};

} // namespace adsp
