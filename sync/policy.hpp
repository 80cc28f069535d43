// A synchronisation policy is a pair of plain objects: one at every worker, which decides at each
// step boundary, and one at the scheduler, which answers reports. Neither reads a clock or uses a
// network; both are told the time. The pair stays correct when reports and instructions are lost,
// late, repeated or reordered, because both carry absolute counts.
#pragma once

#include "sync/commit_rule.hpp"
#include "sync/membership.hpp"
#include "sync/options.hpp"
#include "sync/types.hpp"

#include <memory>
#include <vector>

namespace adsp::sync {

/// What a worker does next.
enum class action : std::uint8_t {
  step,   ///< train on one more minibatch
  commit, ///< push the accumulated update to every shard
  pull,   ///< fetch fresh parameters from every shard
  wait,   ///< do nothing until the next instruction
};

/// The worker's side.
class worker_policy {
public:
  virtual ~worker_policy() = default;

  /// Takes the scheduler's latest instruction; one whose revision is not newer is ignored.
  virtual void instruct(const instruction& order, seconds now) = 0;

  /// Decides what to do at a step boundary, after an exchange, or on a new instruction while
  /// waiting.
  virtual action next(seconds now) const = 0;

  /// Whether the reply to a commit brings fresh parameters (otherwise a later `pull` does).
  virtual bool pulls_with_commit() const = 0;

  /// Whether training goes on while a commit is under way. If so, the steps made meanwhile are
  /// added to the fresh parameters, and `committing` is called when a commit begins.
  virtual bool trains_during_commit() const { return false; }

  /// The round whose initial parameters a pull must return, the same for every worker; 0: the
  /// current ones.
  virtual std::uint64_t round() const { return 0; }

  /// Seconds that a shard may hold a commit until the end of its round.
  virtual seconds held_at_most() const { return 0; }

  /// A commit is on its way.
  virtual void committing(seconds) {}

  /// A training step has finished.
  virtual void stepped(seconds now) = 0;

  /// Every shard has applied the commit; `exchange` is the time O_i it took.
  virtual void committed(seconds now, seconds exchange) = 0;

  /// Discards the steps since the last commit, and a commit under way, because they were not finite
  /// or belong to an earlier state of the job. Fresh parameters replace the local copy.
  virtual void voided(seconds now) = 0;

  /// Fresh parameters have replaced the local copy (after `action::pull`).
  virtual void pulled(seconds now) = 0;
};

/// The scheduler's side. It reads from the job's membership who takes part, and keeps its own data
/// of each worker by the worker's id.
class scheduler_policy {
public:
  virtual ~scheduler_policy() = default;

  /// Training starts (time 0 of a job). No worker is permitted to train before.
  virtual void start(seconds now) = 0;

  /// A worker has just joined the members, its counts at zero. Call before or after `start`.
  virtual void joined(worker_id who, seconds now) = 0;

  /// A worker has just left the members; nobody waits for it any more. Unknown ids are ignored.
  virtual void left(worker_id who, seconds now) = 0;

  /// A worker's report. Stale reports and unknown ids are ignored.
  virtual void reported(worker_id who, const progress& done, seconds now) = 0;

  /// The global loss that was in force at time `when` (<= now).
  virtual void evaluated(seconds when, double loss, seconds now) = 0;

  /// The job is back at an earlier state: the losses seen so far say nothing about those to come.
  virtual void restored(seconds) {}

  /// When `tick` wants to be called next; `never` if no timer is needed.
  virtual seconds next_tick() const = 0;

  /// Does what is due at `now`, if anything.
  virtual void tick(seconds now) = 0;

  /// Rounds that the shards must have closed by now, since the start; 0 without rounds.
  virtual std::uint64_t rounds_closed() const { return 0; }

  /// The instruction in force for a worker (a default one for unknown ids).
  virtual instruction instruction_of(worker_id who) const = 0;

  /// Appends the workers that need their instruction sent without having asked (released from a
  /// barrier, new rate), each once, and forgets them. Keeps the caller's buffer: no allocation
  /// after warm-up.
  virtual void take_released(std::vector<worker_id>& out) = 0;

  virtual policy_status status(seconds now) const = 0;

  /// Commits that a worker present since the start should have made by `now`: C_target,
  /// interpolated. 0 for policies without a timer.
  virtual double commits_asked(seconds) const { return 0; }
};

/// Whether a job under `x` returns to its last good state when the loss diverges.
bool rolls_back(const options& x);

/// Whether the server moves once a round under `x`.
bool steps_by_round(const options& x);

/// Whether a job under `x` evaluates and saves an average of states.
bool averages(const options& x);

/// How the server applies commits when training starts with so many workers, as the policy has it.
commit_rule make_commit_rule(const options& x, std::size_t workers);

/// Makes the worker's side of the policy that `x` describes.
std::unique_ptr<worker_policy> make_worker_policy(const options& x);

/// Makes the scheduler's side of the policy that `x` describes. `members`: who takes part; they
/// outlive the policy.
std::unique_ptr<scheduler_policy> make_scheduler_policy(const options& x,
                                                        const membership& members);

} // namespace adsp::sync
