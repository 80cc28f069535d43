// Both sides of the lease between the registrar and a node. The registrar asks every node for a
// sign of life. After a silence it loses the node, and the node gives up; a process that itself
// stood still blames nobody. No actor, no clock, no I/O: each call takes the time in seconds.
#pragma once

#include "actors/cluster/member_id.hpp"
#include "sync/types.hpp"

#include <map>
#include <optional>
#include <vector>

namespace adsp {

/// Seconds between two checks on either side.
constexpr sync::seconds check_interval(sync::seconds lease) {
  return lease / 4;
}

/// Seconds that a node cut off from other nodes with shards waits to hear from the scheduler before
/// it gives up its part: if those nodes have died, the job has failed, which the scheduler notices
/// within a lease and a quarter. At most as long as a silent shard is asked again.
sync::seconds cut_off_wait(sync::seconds lease);

/// Notices that this process stood still: a check comes more than half a lease after the last one.
class standstill {
public:
  explicit standstill(sync::seconds now) : last_{now} {}
  bool stood_still(sync::seconds now, sync::seconds lease);

private:
  sync::seconds last_;
};

/// The registrar's side, over all members of the cluster.
///
/// Invariants: a check finds a member silent exactly if it has been neither added nor heard from
/// for longer than the lease, and this process has not stood still within the lease. So a member
/// that answers no more is silent at most a lease and a quarter after its last answer, unless this
/// process itself stands still. A question that times out is no sign of life. Each member has at
/// most one open question, and a silent member is not asked.
class lease_keeper {
public:
  /// What to do now.
  struct round {
    std::vector<member_id> ask;    ///< for a sign of life
    std::vector<member_id> silent; ///< to be lost
  };

  explicit lease_keeper(sync::seconds lease = 0, sync::seconds now = 0)
      : lease_{lease}, own_{now} {}

  void add(member_id who, sync::seconds now) { members_[who] = {now}; }
  void remove(member_id who) { members_.erase(who); }

  /// Call every `check_interval`.
  round check(sync::seconds now);

  /// The member has answered the open question.
  void answered(member_id who, sync::seconds now);
  /// The open question has timed out and will be asked again. Only the member's last sign of life
  /// decides whether it is lost.
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
/// Invariants: a check finds the registrar silent exactly if it has not asked for longer than the
/// allowed leases, and this process has not stood still within them. So a registrar that asks no
/// more is found silent at most a quarter of a lease after these, unless this process itself stands
/// still.
class lease_watch {
public:
  explicit lease_watch(sync::seconds lease = 0, sync::seconds now = 0)
      : lease_{lease}, heard_{now}, own_{now} {}

  sync::seconds length() const { return lease_; }

  /// The registrar has asked.
  void heard(sync::seconds now) { heard_ = now; }

  /// Call every `check_interval`. Returns the seconds of silence if they exceed `leases` leases.
  std::optional<sync::seconds> check(sync::seconds now, int leases);

private:
  sync::seconds lease_;
  sync::seconds heard_;
  standstill own_;
};

} // namespace adsp
