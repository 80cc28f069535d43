// Who is alive: both sides of the lease between the registrar and a node. The registrar asks every
// node for a sign of life, each side gives the other up after silence, and a process that stood still
// itself blames nobody. No actor, no clock, no I/O: each call is told the time, seconds.
#pragma once

#include "actors/cluster/member_id.hpp"
#include "sync/types.hpp"

#include <map>
#include <optional>
#include <vector>

namespace adsp {

/// How often either side looks, seconds.
constexpr sync::seconds check_interval(sync::seconds lease) {
  return lease / 4;
}

/// Seconds that a node which is cut off from others with shards waits for the scheduler's word
/// before it gives up its part: when they have died the job has failed, which the scheduler notices
/// within a lease and a quarter. No longer than a shard that does not answer is asked.
sync::seconds cut_off_wait(sync::seconds lease);

/// Notices that this process stood still: one look comes more than half a lease after the last.
class standstill {
public:
  explicit standstill(sync::seconds now) : last_{now} {}
  bool stood_still(sync::seconds now, sync::seconds lease);

private:
  sync::seconds last_;
};

/// The registrar's side, over all members of the cluster.
///
/// Invariants: who has been heard of within the lease is not silent, nor is anybody within a lease of
/// this process's own standstill; who is not heard of any more is silent a lease and a quarter later;
/// of one member at most one question is open.
class lease_keeper {
public:
  /// What is to be done now.
  struct round {
    std::vector<member_id> ask;    ///< for a sign of life
    std::vector<member_id> silent; ///< to be given up
  };

  explicit lease_keeper(sync::seconds lease = 0, sync::seconds now = 0)
      : lease_{lease}, own_{now} {}

  void add(member_id who, sync::seconds now) { members_[who] = {now}; }
  void remove(member_id who) { members_.erase(who); }

  /// Every `check_interval`.
  round check(sync::seconds now);

  /// The member has answered the open question.
  void answered(member_id who, sync::seconds now);
  /// The open question has timed out: it is asked anew. Whether the member is lost, its last sign of
  /// life says.
  void unanswered(member_id who);

private:
  struct member {
    sync::seconds heard; ///< its last sign of life
    bool asked = false;  ///< a question is open
  };

  sync::seconds lease_;
  standstill own_;
  std::map<member_id, member> members_;
};

/// A node's side.
///
/// Invariants: the registrar is given up only after more than the allowed leases without a question
/// of it, none of them spent standing still; when it asks no more, a quarter of a lease after these.
class lease_watch {
public:
  explicit lease_watch(sync::seconds lease = 0, sync::seconds now = 0)
      : lease_{lease}, heard_{now}, own_{now} {}

  sync::seconds length() const { return lease_; }

  /// The registrar has asked.
  void heard(sync::seconds now) { heard_ = now; }

  /// Every `check_interval`. The seconds of silence, when they are more than `leases` leases.
  std::optional<sync::seconds> check(sync::seconds now, int leases);

private:
  sync::seconds lease_;
  sync::seconds heard_;
  standstill own_;
};

} // namespace adsp
