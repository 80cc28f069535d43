// The parameters of one shard: applies each commit once and hands out snapshots without copying.
#pragma once

#include "actors/server/base_history.hpp"
#include "actors/server/commit_applier.hpp"
#include "messages/blocks/buffer_pool.hpp"
#include "messages/errors.hpp"
#include "messages/types.hpp"
#include "sync/commit_rule.hpp"

#include <memory>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace adsp {

class parameter_store {
public:
  /// Starts from a copy of `initial`, which is also the state to return to.
  parameter_store(shard_id shard, std::span<const float> initial,
                  const sync::commit_rule& rule = {});

  /// Applies a commit by the rule, once per commit id: the ids of one worker increase, so an id
  /// that is not above the last one has been applied before. An update of an earlier generation is
  /// void. Nothing changes on an error. Errors: wrong_shard, wrong_size, not_finite, bad_bytes.
  caf::error apply(const push& commit);

  /// Whether a commit of this worker, which wants parameters, waits for the end of its round.
  bool holds_commit_of(worker_id who) const { return held_.contains(who); }

  /// Ends a round, under a rule by rounds: moves the parameters by the commits since the last, if
  /// there are any. False, and nothing changes, if this round or a later one has been closed.
  bool close(std::uint64_t round);

  /// The first call for a round makes the current parameters those that it starts from, for every
  /// worker, whatever is committed meanwhile. Rounds follow each other, from 1; any other number
  /// changes nothing. Behind a barrier nobody asks for a round before all commits of the last are
  /// in: the call then also closes the last, and returns whether it did.
  bool enter(std::uint64_t round);

  /// The parameters that the round entered last starts from; the current ones for any other. A
  /// later commit leaves the block unchanged: it writes elsewhere while anybody still holds the
  /// block.
  parameter_block snapshot(std::uint64_t round = 0) const {
    return parameter_block{holds(round) ? round_start_ : current_};
  }

  /// The same as fp16, made once per version. Values beyond +-65504 become the largest half.
  encoded_block fp16_snapshot(std::uint64_t round = 0);

  /// What the answer to a commit carries: the current parameters, or what the rule's workers are
  /// to start from instead.
  encoded_block answer(bool fp16);

  void set_rate(const server_rate& rate);

  /// A snapshot that `keep` can make the state to return to.
  parameter_block candidate();
  void keep();

  /// Returns to the kept state, with zero velocity. False, and nothing changes, if `generation` is
  /// not newer.
  bool restore(std::uint32_t generation);

  std::uint32_t generation() const { return generation_; }

  shard_id shard() const { return shard_; }
  std::uint64_t version(std::uint64_t round = 0) const {
    return holds(round) ? round_version_ : version_;
  }

private:
  bool holds(std::uint64_t round) const { return round == round_ && round_start_; }

  /// Moves the parameters, in place if the rule can and nobody else holds them. False, and nothing
  /// changes, if the update is not finite.
  bool move_by(const push& commit);

  /// Moves the parameters by the commits that the rule has collected.
  void move_by_collected();

  encoded_block as_fp16(const parameter_buffer& from);

  /// Makes `next` the current parameters.
  void replace(std::shared_ptr<parameter_buffer> next);

  /// Remembers the current state as one that updates start from, if the rule reads it.
  void offer_base();

  shard_id shard_;
  bool by_round_ = false; ///< the rule moves once a round
  bool barrier_ = false;  ///< a round ends when the next one is entered
  std::uint64_t version_ = 0;
  std::uint32_t generation_ = 0;
  server_rate rate_;
  std::unique_ptr<commit_applier> applier_;
  buffer_pool pool_;
  std::shared_ptr<parameter_buffer> current_;
  std::shared_ptr<parameter_buffer> candidate_; ///< the state that `candidate` returned
  std::shared_ptr<parameter_buffer> kept_;      ///< the state to return to
  std::uint64_t round_ = 0;                     ///< the last one entered
  std::shared_ptr<parameter_buffer> round_start_;
  std::uint64_t round_version_ = 0;
  encoded_block fp16_; ///< of version `fp16_version_`; empty before the first
  std::uint64_t fp16_version_ = 0;
  buffer_pool fp16_memory_;
  std::uint64_t closed_ = 0;           ///< the last round closed
  bool pending_ = false;               ///< commits have arrived since
  std::unordered_set<worker_id> held_; ///< whose commits are answered at the end of the round
  base_history bases_;                 ///< empty unless the rule reads bases
  std::unordered_map<worker_id, std::uint64_t> applied_; ///< sequence of the last commit
};

} // namespace adsp
