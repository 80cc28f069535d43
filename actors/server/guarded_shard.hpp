// A shard that other processes reach: the same shard, which first looks who asks.
#pragma once

#include "actors/rights/access.hpp"
#include "actors/server/shard.hpp"

#include <memory>

namespace adsp {

/// Takes commits from where their worker is, pulls from peers with workers, and orders from the
/// scheduler's process alone; what makes no sense counts against its sender. Error beside the
/// shard's: not_permitted.
shard_actor::behavior_type guarded_shard(shard_actor::stateful_pointer<shard_state> self,
                                         const host& part, std::shared_ptr<access> rights);

} // namespace adsp
