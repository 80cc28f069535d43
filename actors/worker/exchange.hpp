// A worker's pulls and commits over many shards, one at a time. A plain state machine without CAF,
// clock and I/O: the caller sends the requests, reports the outcome of each, and follows the
// reactions.
#pragma once

#include "actors/worker/local_copy.hpp"
#include "messages/types.hpp"

#include <cstdint>
#include <limits>
#include <vector>

namespace adsp {

/// The rules for all exchanges of one worker.
struct exchange_rules {
  int attempts = 1;       ///< how often a shard is asked before it is given up
  bool fp16_pull = false; ///< fresh blocks come as fp16
  bool recovers = false;  ///< a non-finite update is void; otherwise the worker gives up
};

/// How a commit brings fresh parameters.
enum class commit_style : std::uint8_t {
  bare,       ///< it does not: a later pull does
  fetching,   ///< the answers replace the local copy
  overlapped, ///< likewise, and the steps made since the commit began are added to them
};

/// Names one request to one shard.
struct ticket {
  std::uint64_t exchange = 0; ///< the exchange's number
  shard_id shard = 0;
  int attempt = 0; ///< 1, 2, ... for the same shard in the same exchange
};

/// Why a request has failed.
enum class failure : std::uint8_t {
  timed_out,
  not_finite, ///< the shard has refused the update
  other,
};

/// What to do after an answer or a failure.
enum class reaction : std::uint8_t {
  wait,      ///< for other answers; nothing to do
  ask_again, ///< the same shard
  complete,  ///< all shards have answered: `finish` is due
  give_up,   ///< the worker cannot go on
};

/// How an exchange has ended.
enum class outcome : std::uint8_t {
  first_pull, ///< the first parameters have arrived
  pulled,
  recovered, ///< the job's current parameters have replaced void ones
  committed, ///< counts as a commit
  voided,    ///< neither the commit nor its steps count
};

/// Invariants, whatever messages are lost, late, repeated or out of order:
/// - An answer counts for the shard that was asked, once per exchange. One that is repeated, late,
/// of an earlier exchange or of an earlier generation changes nothing; one that names another shard
/// is never accepted, in any kind of exchange.
/// - A shard is asked at most `attempts` times in an exchange.
/// - No part of an update is sent before the parts of all shards are made and finite: no shard
/// applies a part of an update that another shard must refuse. Updates are held only while their
/// commit is under way.
/// - A push says how many steps its update holds: those begun since the last commit, or since the
/// parameters were fetched in place of void ones.
/// - A repeated push has the same id and update. Ids increase by one per commit.
/// - No step is lost or committed twice: decoded updates + residual = all that was learnt since the
/// residuals were last forgotten. They are forgotten when fresh blocks replace void parameters, and
/// only then.
/// - Base block and base version of a shard come from the same answer. An overlapped commit that a
/// shard has refused changes neither, nor the local copy.
/// - A commit counts once, and never if a shard has refused it or all shards were in a later
/// generation.
/// - The generation never decreases, and no block of the local copy is of an earlier one. Where a
/// bare commit shows that there is a later one, a recovery is due.
/// - A recovery is due, while nothing is under way, if and only if the last update was not finite
/// or the generation is below the job's latest known one.
class exchange {
public:
  /// `copy` must outlive this.
  exchange(local_copy& copy, exchange_rules rules);

  /// The worker takes part under this id. Call before the first exchange.
  void join(worker_id id) { worker_ = id; }
  worker_id worker() const { return worker_; }

  /// Notes the job's present generation, as told by the scheduler; a smaller one than before is
  /// ignored.
  void expect(std::uint32_t generation);

  /// Whether the local parameters are void and a recovery may begin. Otherwise pulls and commits
  /// may begin while nothing is under way.
  bool must_recover() const;

  // Each of the following three begins an exchange: the caller then asks every shard.

  /// Fetches the parameters that a round starts from; 0: the current ones.
  void begin_pull(std::uint64_t round);

  /// Likewise, to replace void parameters. False, and nothing begins, if too many updates in a row
  /// were not finite; a commit that counts ends the row.
  bool begin_recovery(std::uint64_t round);

  /// Commits the part of the worker's first `steps` steps that has not been committed yet. False,
  /// and nothing begins, if the update is not finite; with `recovers` it is then void.
  bool begin_commit(commit_style style, std::uint64_t steps);

  /// Has the commit under way bring no fresh blocks, so that no shard holds it until the end of a
  /// round. Shards that have been asked, and have not answered, are then to be asked again.
  void forgo_blocks();

  /// Whether the shard has been asked in this exchange, and has not answered.
  bool awaits_answer(shard_id shard) const {
    return under_way() && parts_[shard].attempt > 0 && !parts_[shard].answered;
  }

  /// The next request to a shard; its contents come from `push_to` or `pull_from`.
  ticket ask(shard_id shard);
  push push_to(shard_id shard) const;
  pull pull_from(shard_id shard) const;

  /// The outcome of a request.
  reaction answered(const ticket& asked, const fresh& answer);
  reaction failed(const ticket& asked, failure why);

  /// Ends the exchange after the reaction `complete`. An overlapped commit takes its blocks here,
  /// unless a shard has refused it; other exchanges take each block as it arrives.
  outcome finish();

  /// Call before each step: excludes what has been committed from the next update.
  void prepare_step();

  bool under_way() const { return kind_ != kind::none; }
  bool commits() const { return kind_ == kind::commit; }
  /// Whether the worker trains during the commit under way.
  bool overlaps() const { return commits() && style_ == commit_style::overlapped; }
  /// Whether the answers bring fresh blocks.
  bool fetches() const { return !commits() || style_ != commit_style::bare; }

  shard_id shard_count() const { return static_cast<shard_id>(parts_.size()); }
  std::uint64_t number() const { return number_; } ///< of the present or last exchange, from 1
  std::uint32_t generation() const { return generation_; }      ///< of the local copy
  std::uint64_t steps_committed() const { return steps_sent_; } ///< `steps` of the last commit
  /// Seconds that the present or last commit has waited for the end of its round at the shard that
  /// it reached last.
  double held() const { return held_; }
  /// Of parameters sent and received so far: each update once, each answer that counts.
  std::uint64_t bytes() const { return bytes_; }

private:
  enum class kind : std::uint8_t { none, pull, recovery, commit };

  struct shard_part {
    encoded_block update; ///< of the commit under way
    encoded_block answer; ///< the answer to an overlapped commit, until it is merged
    std::uint64_t answer_version = 0;
    std::uint64_t base_version = 0; ///< of the block that the next update starts from
    int attempt = 0;                ///< of the last request
    bool answered = false;
  };

  static constexpr auto no_answer = std::numeric_limits<std::uint32_t>::max();

  void begin(kind what);
  bool make_updates(bool merged);
  void forget_updates();
  bool awaits(const ticket& asked) const;
  bool take(shard_id shard, const fresh& answer);
  reaction settle(shard_part& part);
  void merge_answers();
  void rebase_if_stale();

  local_copy& copy_;
  exchange_rules rules_;
  std::vector<shard_part> parts_; ///< one for each shard
  worker_id worker_ = 0;
  kind kind_ = kind::none;
  commit_style style_ = commit_style::bare; ///< of the last commit
  bool update_void_ = false;                ///< the last update was not finite
  bool stale_base_ = false;                 ///< the last commit brought no fresh blocks
  int voids_in_a_row_ = 0;                  ///< consecutive updates that were not finite
  std::uint64_t number_ = 0;
  std::uint64_t round_ = 0;    ///< of the last pull
  std::uint64_t sequence_ = 0; ///< of the last commit
  std::uint64_t steps_sent_ = 0;
  std::uint64_t steps_since_base_ = 0; ///< that the next update will hold
  std::uint64_t steps_in_update_ = 0;  ///< of the last commit
  double held_ = 0;
  std::uint64_t bytes_ = 0;
  std::size_t unanswered_ = 0;
  std::uint32_t generation_ = 0;
  std::uint32_t wanted_ = 0;         ///< the job's generation
  std::uint32_t oldest_ = no_answer; ///< generation among the blocks after this exchange
};

} // namespace adsp
