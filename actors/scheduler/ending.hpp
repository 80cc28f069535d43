// The end of a job, from its cause to the complete result: whom to ask for what, in which order. A
// plain object: it takes what has happened and returns what to do next.
#pragma once

#include "actors/plan/defaults.hpp"
#include "actors/scheduler/roll_call.hpp"
#include "messages/types.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace adsp {

/// Why a job ends.
struct end_cause {
  end_reason reason = end_reason::failed;
  std::string text = {};
  bool diverged = false; ///< the result is the last good state: the shards return to it
};

/// What the scheduler has to do next at the end of a job.
struct end_action {
  enum class kind : std::uint8_t {
    ask_worker,     ///< stop worker `whom` and ask it for its last counts
    restore,        ///< have every shard return to the last good state
    evaluate,       ///< have the evaluator measure the shards' parameters
    fetch_shard,    ///< ask shard `whom` for its parameters
    fetch_measured, ///< ask the evaluator for the parameters that it measured last
    conclude,       ///< answer with the complete result
  };
  kind what = kind::conclude;
  std::uint32_t whom = 0; ///< worker or shard
  bool operator==(const end_action&) const = default;
};

/// Whom an ending waits for.
struct end_wait {
  std::size_t workers = 0;          ///< whose last counts are missing
  sync::worker_id first_worker = 0; ///< one of these
  std::size_t shards = 0;           ///< whose parameters are missing
};

/// The phases of an ending: the workers' last counts; the final evaluation (not for a job that was
/// interrupted or has failed, unless it diverged); the parameters, from the shards or the evaluator.
///
/// Invariants, for inputs in any order, late or repeated:
/// - It concludes exactly once. Later inputs change nothing.
/// - It neither asks nor waits for anybody that is known to be lost.
/// - Every worker has answered, has failed to or is lost before anything else is done, even if a
///   shard is lost meanwhile.
/// - A job that diverged returns to its last good state before it is evaluated or its parameters
///   are fetched.
/// - The parameters are one block of every shard, or the block that the evaluator measured last, or
///   none, and never a mix:
///   - After the loss of a shard: the measured block, or none if the evaluator has none.
///   - Otherwise, if averages are evaluated: the measured block, whatever ends the job. An
///     evaluation from training counts if it succeeds before the parameters are fetched. The shards
///     stand in where nothing has been measured, where the evaluator cannot hand it over, and where
///     the final evaluation fails: the evaluator may then hold a state from before a return.
///   - Otherwise: the shards.
/// - A failure stays a failure, and the first one says why. A final evaluation that fails is one,
///   and so is the loss of a shard.
/// - Evaluations do not overlap: the final one begins when the one from training is over.
class ending {
public:
  enum class phase : std::uint8_t {
    training,            ///< the end has not begun
    asking_workers,      ///< for their last counts
    awaiting_evaluation, ///< the evaluation that began during training is under way
    evaluating,          ///< the last evaluation is under way
    fetching_measured,   ///< from the evaluator
    fetching_shards,     ///< from all of them
    concluded,
  };

  /// Seconds after which `awaited` tells who keeps the ending waiting.
  static constexpr sync::seconds quiet_wait = defaults::quiet_wait.count();

  ending() = default;

  /// `averages`: the evaluator evaluates averages of states, and the job saves them.
  ending(std::size_t shards, bool averages) : shards_{shards}, averages_{averages} {}

  /// The state that training leaves behind.
  struct remains {
    std::vector<sync::worker_id> workers; ///< present ones, in increasing order
    bool evaluating = false;              ///< an evaluation is under way
    bool measured = false;                ///< one has been made
  };

  /// The job ends; later causes are ignored.
  void begin(end_cause cause, remains left);

  /// What to do next. Call after every input, until it returns nothing.
  std::optional<end_action> next(sync::seconds now);

  // -- inputs; all except losses count only once the end has begun --

  /// The worker has answered, or it never will.
  void worker_done(sync::worker_id who);

  /// The evaluation that began during training has succeeded: there is something measured.
  void training_evaluated();
  void training_evaluation_failed();

  /// The final evaluation has succeeded. False: it is no longer awaited, and is to be ignored.
  bool evaluated();
  void evaluation_failed(const std::string& why);

  /// A shard has answered with its parameters.
  void shard_answered(shard_id shard, parameter_block values);

  /// A shard is lost, which fails the job with this text.
  void shard_lost(const std::string& text);

  /// The evaluator has answered with the parameters measured last; empty: it has measured none.
  void measured_answered(const parameter_block& values);

  void evaluator_lost(const std::string& why);

  // -- what is known --

  phase at() const { return phase_; }
  bool begun() const { return phase_ != phase::training; }
  bool concluded() const { return phase_ == phase::concluded; }

  /// When to call `awaited`; it changes with the phase.
  sync::seconds tell_at() const { return tell_at_; }

  /// Who has kept the ending waiting for `quiet_wait` by `now`; returned once in each phase.
  std::optional<end_wait> awaited(sync::seconds now);

  end_reason reason() const { return cause_.reason; }
  const std::string& text() const { return cause_.text; }
  /// In the order of the shards, or all in one block; complete once concluded.
  const std::vector<parameter_block>& parameters() const { return parameters_; }

private:
  void enter(phase stage);
  void workers_complete();
  void training_evaluation_over();
  void evaluate();
  void fetch();
  void fetch_measured();
  void fetch_shards();
  void nothing_measured();
  void fail(std::string text);

  std::size_t shards_ = 0;
  bool averages_ = false;
  end_cause cause_;
  phase phase_ = phase::training;
  std::size_t given_ = 0; ///< actions of this phase that `next` has returned
  roll_call workers_;
  bool training_evaluation_ = false; ///< is under way
  bool measured_ = false;
  bool restore_due_ = false;
  std::optional<std::string> shard_lost_;     ///< why
  std::optional<std::string> evaluator_lost_; ///< why
  std::set<shard_id> awaited_shards_;
  std::vector<parameter_block> parameters_;
  sync::seconds tell_at_ = sync::never;
};

} // namespace adsp
