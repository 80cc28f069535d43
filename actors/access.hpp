// What other processes may do here: who leads, who has been admitted, whose commits come from where,
// and who has sent too much that makes no sense.
#pragma once

#include "sync/types.hpp"

#include <caf/node_id.hpp>

#include <cstdint>
#include <functional>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace adsp {

/// The rights of the peers of one process. Thread-safe: every actor of the process asks. The process
/// itself may do everything.
class access {
public:
  /// Messages that make no sense which a peer may send before nothing is taken from it any more.
  static constexpr int max_strikes = 5;

  /// `told` gets a line when a peer is dropped.
  access(caf::node_id here, std::function<void(std::string)> told)
      : here_{std::move(here)}, told_{std::move(told)} {}

  /// From now on `scheduler` gives the orders.
  void follow(const caf::node_id& scheduler);

  /// `peer` takes part, under a name, with these workers.
  void admit(const caf::node_id& peer, std::string name, const std::vector<std::string>& workers);

  /// `peer` commits and reports as `worker`.
  void permit(sync::worker_id worker, const caf::node_id& peer);

  /// Nothing is taken from `peer` until it is admitted again; workers keep no rights.
  void revoke(const caf::node_id& peer);

  bool leads(const caf::node_id& peer) const;
  /// Whether a worker of that name runs there.
  bool may_join(const std::string& worker, const caf::node_id& peer) const;
  /// Whether any worker commits from there.
  bool may_pull(const caf::node_id& peer) const;
  bool may_commit(sync::worker_id worker, const caf::node_id& peer) const;

  /// `peer` has sent what makes no sense; with the last of `max_strikes` it is dropped for good.
  void strike(const caf::node_id& peer, const std::string& what);

private:
  struct rights {
    std::string name;
    std::unordered_set<std::string> names; ///< of the workers that may join from there
    std::unordered_set<sync::worker_id> workers;
    int strikes = 0;
  };

  caf::node_id here_;
  std::function<void(std::string)> told_;
  mutable std::shared_mutex mutex_; ///< guards what follows
  caf::node_id scheduler_;
  std::unordered_map<caf::node_id, rights> peers_;
};

} // namespace adsp
