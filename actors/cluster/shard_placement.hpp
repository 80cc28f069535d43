// Who hosts which shard: the shards of a job are dealt in parts of consecutive ones to its nodes with
// the role ps, in the order in which these come. No actor, no clock, no I/O.
#pragma once

#include "actors/cluster/member_id.hpp"
#include "actors/plan/job.hpp"

#include <cstddef>
#include <optional>
#include <vector>

namespace adsp {

/// Invariants, whatever is repeated or comes late: no shard is of two members; a shard counts as
/// hosted only when the member that has its part said so, and no longer than it has the part; who
/// comes gets the first part that nobody has.
class shard_placement {
public:
  /// There may be more nodes than shards: the last parts are empty then.
  explicit shard_placement(std::size_t shards = 0, std::size_t nodes = 0);

  /// Gives the member the first part that nobody has, once; nothing when all are given.
  std::optional<placement> give(member_id who);

  /// The member hosts this shard now. False: that shard is not its own.
  bool hosted(member_id who, std::size_t shard);

  /// The member is lost: somebody else can have its part, which is returned.
  std::optional<placement> take_back(member_id who);

  std::optional<placement> part_of(member_id who) const;
  /// Whether every shard is hosted.
  bool complete() const;

private:
  struct part {
    placement shards;
    std::optional<member_id> owner;
  };

  std::vector<part> parts_;
  std::vector<bool> hosted_; ///< of each shard
};

} // namespace adsp
