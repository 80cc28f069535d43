#include "actors/cluster/shard_placement.hpp"

#include <algorithm>
#include <utility>

namespace adsp {

shard_placement::shard_placement(std::size_t shards, std::size_t nodes) : hosted_(shards, false) {
  for (std::size_t i = 0; i < nodes; ++i)
    parts_.push_back({place_shards(shards, nodes, i), std::nullopt});
}

std::optional<placement> shard_placement::give(member_id who) {
  if (part_of(who))
    return std::nullopt;
  const auto free =
      std::ranges::find_if(parts_, [](const auto& each) { return !each.owner.has_value(); });
  if (free == parts_.end())
    return std::nullopt;
  free->owner = who;
  return free->shards;
}

bool shard_placement::hosted(member_id who, std::size_t shard) {
  const auto own = part_of(who);
  if (!own || shard < own->first || shard - own->first >= own->size)
    return false;
  hosted_[shard] = true;
  return true;
}

std::optional<placement> shard_placement::take_back(member_id who) {
  for (auto& each : parts_)
    if (each.owner == who) {
      each.owner.reset();
      for (std::size_t i = 0; i < each.shards.size; ++i)
        hosted_[each.shards.first + i] = false;
      return each.shards;
    }
  return std::nullopt;
}

std::optional<placement> shard_placement::part_of(member_id who) const {
  for (const auto& each : parts_)
    if (each.owner == who)
      return each.shards;
  return std::nullopt;
}

bool shard_placement::complete() const {
  return std::ranges::all_of(hosted_, [](bool each) { return each; });
}

} // namespace adsp
