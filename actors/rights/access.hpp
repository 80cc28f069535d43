// What other processes may do here: who leads, who has been admitted, whose commits come from
// where, and who has sent too much that makes no sense.
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

/// The rights of the peers of one process. Thread-safe: every actor of the process asks, and the
/// transport. The process itself may do everything. With TLS a right belongs to a process and the
/// name in its certificate: who takes a process's id without its certificate has none of its
/// rights.
class access : public transport::peer_rules {
public:
  /// Messages that make no sense which a peer may send before nothing is taken from it any more.
  /// They are counted by the name in the peer's certificate, without TLS by its process, as long as
  /// this process lives: a new process of the same name goes on where the last one was dropped.
  static constexpr int max_strikes = 5;

  /// `told` gets a line when a peer is dropped; `all` says who is who.
  access(caf::node_id here, std::function<void(std::string)> told,
         std::shared_ptr<transport::peers> all = std::make_shared<transport::peers>());

  /// From now on `scheduler` gives the orders.
  void follow(const caf::node_id& scheduler);

  /// `peer` takes part, under a name, with these workers.
  void admit(const caf::node_id& peer, std::string name, const std::vector<std::string>& workers);

  /// `peer`, with a certificate of this name, commits and reports as `worker`.
  void permit(sync::worker_id worker, const caf::node_id& peer, std::string certificate);

  /// Nothing is taken from `peer` until it is admitted again; workers keep no rights. Its
  /// connections end: one that is broken without a word would be in the way of a new one.
  void revoke(const caf::node_id& peer);

  /// The name in the peer's certificate; empty without TLS.
  std::string certificate_of(const caf::node_id& peer) const { return all_->certificate_of(peer); }

  /// The same over a connection that stands; nothing when none does.
  std::optional<std::string> connected_as(const caf::node_id& peer) const {
    return all_->connected_as(peer);
  }

  bool leads(const caf::node_id& peer) const;
  /// Whether a worker of that name runs there.
  bool may_join(const std::string& worker, const caf::node_id& peer) const;
  /// Whether any worker commits from there.
  bool may_pull(const caf::node_id& peer) const;
  bool may_commit(sync::worker_id worker, const caf::node_id& peer) const;

  /// `peer` has sent what makes no sense; with the last of `max_strikes` it is dropped.
  void strike(const caf::node_id& peer, const std::string& what) override;

  /// Takes nothing from `peer` any more, and ends its connections.
  void drop(const caf::node_id& peer, const std::string& what);

  /// `f` is called with every peer that is dropped, in any thread.
  void when_dropped(std::function<void(const caf::node_id&)> f);

  bool admitted(const caf::node_id& peer) const override;
  bool may_ask(const caf::node_id& peer, std::string_view types) const override;
  bool dropped(const caf::node_id& peer, const std::string& certificate) const override;

private:
  struct rights {
    std::string name;
    std::string certificate;
    std::unordered_set<std::string> names; ///< of the workers that may join from there
    std::unordered_set<sync::worker_id> workers;
    bool admitted = false;
  };

  /// Whose strikes these are.
  static std::string owner(const caf::node_id& peer, const std::string& certificate);
  /// The rights of `peer`, if it is who had been given them.
  const rights* of(const caf::node_id& peer) const;

  caf::node_id here_;
  std::function<void(std::string)> told_;
  std::shared_ptr<transport::peers> all_;
  mutable std::shared_mutex mutex_; ///< guards what follows
  caf::node_id scheduler_;
  std::string scheduler_certificate_;
  std::unordered_map<caf::node_id, rights> peers_;
  std::unordered_map<std::string, int> strikes_; ///< by owner
  std::function<void(const caf::node_id&)> when_dropped_;
};

} // namespace adsp
