// The rights of other processes in this one: which process leads, which have been admitted, which
// workers commit from where, and who has sent too many malformed messages.
#pragma once

#include "sync/types.hpp"
#include "transport/peer_rules.hpp"
#include "transport/peers.hpp"

#include <caf/node_id.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace adsp {

/// The rights of the peers of one process. Thread-safe: used by every actor of the process and by
/// the transport. The process itself may do everything. With TLS a right belongs to a process and
/// the name in its certificate: a peer that claims a process's id without its certificate has none
/// of its rights.
///
/// Only this class excludes peers: `revoke` (the peer is lost) and `drop` (it misbehaves) both end
/// its rights and its connections. Others are notified: the registrar then loses the member.
class access : public transport::peer_rules {
public:
  /// Malformed messages after which a peer is dropped; counted for each certificate name (without
  /// TLS: each process) during the life of this process.
  static constexpr int max_strikes = 5;

  /// `log` takes a line when a peer is dropped; `all` knows who is connected.
  access(caf::node_id here, std::function<void(std::string)> log,
         std::shared_ptr<transport::peers> all = std::make_shared<transport::peers>());

  /// From now on `scheduler` is the process that gives orders.
  void follow(const caf::node_id& scheduler);

  /// `peer` takes part under this name, with these workers.
  void admit(const caf::node_id& peer, std::string name, const std::vector<std::string>& workers);

  /// `peer`, with a certificate of this name, commits and reports as `worker`.
  void permit(sync::worker_id worker, const caf::node_id& peer, std::string certificate);

  /// `peer` is lost: nothing is accepted from it until it is admitted again, and its workers lose
  /// their rights. Closes its connections: a broken one that has gone unnoticed would block a new
  /// one.
  void revoke(const caf::node_id& peer);

  /// The name in the peer's certificate; empty without TLS.
  std::string certificate_of(const caf::node_id& peer) const { return all_->certificate_of(peer); }

  /// The same for an existing connection; nothing if there is none.
  std::optional<std::string> connected_as(const caf::node_id& peer) const {
    return all_->connected_as(peer);
  }

  bool leads(const caf::node_id& peer) const;
  /// Whether a worker of that name runs there.
  bool may_join(const std::string& worker, const caf::node_id& peer) const;
  /// Whether any worker commits from there.
  bool may_pull(const caf::node_id& peer) const;
  bool may_commit(sync::worker_id worker, const caf::node_id& peer) const;

  /// `peer` has sent a malformed message; with the last of `max_strikes` it is dropped.
  void strike(const caf::node_id& peer, const std::string& what) override;

  /// `peer` misbehaves: nothing is accepted any more from it, nor from any peer with its
  /// certificate, as long as this process lives. Closes its connections. Does nothing if it has
  /// been dropped before.
  void drop(const caf::node_id& peer, const std::string& what);

  /// `listener` is called once for every dropped peer, in any thread.
  void when_dropped(std::function<void(const caf::node_id&)> listener);

  bool admitted(const caf::node_id& peer) const override;
  bool may_ask(const caf::node_id& peer, std::string_view types) const override;
  bool dropped(const caf::node_id& peer, const std::string& certificate) const override;

private:
  struct rights {
    std::string name;
    std::string certificate;
    std::unordered_set<std::string> names; ///< of the workers that may join from this peer
    std::unordered_set<sync::worker_id> workers;
    bool admitted = false;
  };

  /// The key under which a peer's strikes are counted.
  static std::string owner(const caf::node_id& peer, const std::string& certificate);
  /// The rights of `peer`, if it still has the certificate under which it got them.
  const rights* of(const caf::node_id& peer) const;

  caf::node_id here_;
  std::function<void(std::string)> log_;
  std::shared_ptr<transport::peers> all_;
  mutable std::shared_mutex mutex_; ///< guards the members below
  caf::node_id scheduler_;
  std::string scheduler_certificate_;
  std::unordered_map<caf::node_id, rights> peers_;
  std::unordered_map<std::string, int> strikes_; ///< by owner
  std::function<void(const caf::node_id&)> when_dropped_;
};

} // namespace adsp
