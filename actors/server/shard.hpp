// The shard actor: owns consecutive parameters and applies commits to them.
#pragma once

#include "actors/rights/access.hpp"
#include "actors/server/held_pushes.hpp"
#include "actors/server/parameter_store.hpp"
#include "messages/protocol.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <memory>
#include <optional>

namespace adsp {

struct shard_state {
  static inline const char* name = "shard";

  explicit shard_state(shard_actor::pointer selfptr) : self{selfptr} {}

  caf::result<fresh> commit(const push& update);
  /// Answers the commits that have waited for the end of their round.
  void answer_held();
  fresh answer_to(worker_id who, bool pull, bool fp16);
  caf::result<fresh> answer(const pull& question);

  /// The block of a round, or without one the current block, as fp32 or fp16.
  encoded_block values(bool fp16, std::uint64_t round = 0);

  /// Whether the current message comes from the process that leads the job; otherwise it is a
  /// strike.
  bool ordered(const char* what) const;
  void strike(const std::string& why) const;

  shard_actor::pointer self;
  /// The rights of other processes; null: there are none.
  std::shared_ptr<access> rights;
  /// Set when the behaviour starts.
  std::optional<parameter_store> store;
  held_pushes held;
};

/// The shard that `part` describes. With `rights` it accepts commits only from their worker's
/// process, pulls only from peers with workers, and orders only from the scheduler's process. A
/// malformed message counts against its sender, and not_permitted is a further possible error.
shard_actor::behavior_type shard(shard_actor::stateful_pointer<shard_state> self, const host& part,
                                 std::shared_ptr<access> rights);

} // namespace adsp
