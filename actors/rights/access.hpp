// What other processes may do here: who leads, who has been admitted, whose commits come from
// where, and who has sent too many malformed messages.
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
///
/// It alone decides who is out: `revoke` (the peer is lost) and `drop` (it misbehaves) both end its
/// rights and its connections. Others are told and follow: the registrar loses the member.
class access : public transport::peer_rules {
public:
  /// Malformed messages after which a peer is dropped; counted per certificate name (without TLS: per
  /// process) for the life of this process.
  static constexpr int max_strikes = 5;

  /// `log` takes a line when a peer is dropped; `all` says who is connected.
  access(caf::node_id here, std::function<void(std::string)> log,
         std::shared_ptr<transport::peers> all = std::make_shared<transport::peers>());

  /// From now on `scheduler` gives the orders.
  void follow(const caf::node_id& scheduler);

  /// `peer` takes part, under a name, with these workers.
  void admit(const caf::node_id& peer, std::string name, const std::vector<std::string>& workers);

  /// `peer`, with a certificate of this name, commits and reports as `worker`.
  void permit(sync::worker_id worker, const caf::node_id& peer, std::string certificate);

  /// `peer` is lost: nothing is taken from it until it is admitted again; its workers keep no rights.
  /// Its connections end: a broken one that nobody has noticed would be in the way of a new one.
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

  /// `peer` has sent a malformed message; with the last of `max_strikes` it is dropped.
  void strike(const caf::node_id& peer, const std::string& what) override;

  /// `peer` misbehaves: nothing is taken from it any more, nor from anybody with its certificate, as
  /// long as this process lives. Its connections end. Nothing happens when it has been dropped before.
  void drop(const caf::node_id& peer, const std::string& what);

  /// `listener` is called once with every peer that is dropped, in any thread.
  void when_dropped(std::function<void(const caf::node_id&)> listener);

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

  /// Who the strikes of a peer are counted for.
  static std::string owner(const caf::node_id& peer, const std::string& certificate);
  /// The rights of `peer`, if it still has the certificate that it was given them under.
  const rights* of(const caf::node_id& peer) const;

  caf::node_id here_;
  std::function<void(std::string)> log_;
  std::shared_ptr<transport::peers> all_;
  mutable std::shared_mutex mutex_; ///< guards what follows
  caf::node_id scheduler_;
  std::string scheduler_certificate_;
  std::unordered_map<caf::node_id, rights> peers_;
  std::unordered_map<std::string, int> strikes_; ///< by owner
  std::function<void(const caf::node_id&)> when_dropped_;
};

} // namespace adsp
