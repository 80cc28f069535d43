// Decides who hosts which shard: parts of consecutive shards are given to the nodes with the role
// ps, in the order in which these come. No actor, no clock, no I/O.
#pragma once

#include "actors/cluster/member_id.hpp"
#include "actors/plan/placement.hpp"

#include <cstddef>
#include <optional>
#include <vector>

namespace adsp {

/// Invariants, even with repeated or late inputs: the parts hold every shard once, in order, and
/// their sizes differ by at most one; no part belongs to two members, and no member has two; a shard
/// counts as hosted only once the member that has its part has said so, and only while it has the
/// part; a newcomer gets the first part that nobody has.
class shard_placement {
public:
  /// With more nodes than shards the last parts are empty.
  explicit shard_placement(std::size_t shards = 0, std::size_t nodes = 0);

  /// Gives the member the first part that nobody has, once; nothing if all are taken.
  std::optional<placement> give(member_id who);

  /// The member hosts this shard now. False: the shard is not in its part.
  bool hosted(member_id who, std::size_t shard);

  /// The member is lost: frees its part for others and returns it.
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
