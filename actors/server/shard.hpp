// The shard actor: owns consecutive parameters and applies commits to them.
#pragma once

#include "actors/server/parameter_store.hpp"
#include "messages/protocol.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <optional>

namespace adsp {

struct shard_state {
  static inline const char* name = "shard";

  /// Set when the behaviour starts.
  std::optional<parameter_store> store;

  caf::result<fresh> commit(const push& x);
  /// To a push that has been applied.
  fresh answer_commit(const push& x);
  caf::result<fresh> answer(const pull& x);

  /// The block of a round or, without one, the current, as it is or as fp16.
  encoded_block values(bool halved, std::uint64_t round = 0);
};

/// The shard that `part` says.
shard_actor::behavior_type shard(shard_actor::stateful_pointer<shard_state> self, const host& part);

} // namespace adsp
