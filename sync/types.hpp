// What the two sides of a synchronisation policy exchange: a worker's reports and the scheduler's
// instructions. Plain values; CAF messages carry them.
#pragma once

#include <cstdint>
#include <limits>

namespace adsp::sync {

/// Number of a worker within one job, given by the scheduler at join: 0, 1, 2, ... never reused.
using worker_id = std::uint32_t;

/// Seconds since the job's training started, or a difference of two such times; the only unit of
/// time in sync/.
using seconds = double;

/// "Never" as a point in time.
inline constexpr seconds never = std::numeric_limits<seconds>::infinity();

/// "No bound" as a number of commits.
inline constexpr std::uint64_t unlimited = std::numeric_limits<std::uint64_t>::max();

/// What one worker has done since its start. Every field is cumulative, so a lost, late or repeated
/// report does no harm: the report with the larger counts wins.
struct progress {
  std::uint64_t steps = 0;   ///< local training steps finished (the worker's clock)
  std::uint64_t commits = 0; ///< updates that every shard has applied (c_i)
  std::uint64_t bytes = 0;   ///< parameter bytes sent and received
  seconds compute = 0;       ///< time spent on training steps
  seconds communicate = 0;   ///< time blocked in exchanges with the shards
  seconds wait = 0;          ///< time blocked by the policy (barrier, staleness bound)
  double loss_sum = 0;       ///< sum over all steps of the minibatch's mean loss
  seconds exchange = 0; ///< time from the beginnings of the commits to their ends, blocked or not
  bool operator==(const progress&) const = default;

  progress& operator+=(const progress& done) {
    steps += done.steps;
    commits += done.commits;
    bytes += done.bytes;
    compute += done.compute;
    communicate += done.communicate;
    wait += done.wait;
    loss_sum += done.loss_sum;
    exchange += done.exchange;
    return *this;
  }

  /// The progress since `done`, an earlier report of the same worker.
  progress operator-(const progress& done) const {
    return {steps - done.steps,       commits - done.commits,         bytes - done.bytes,
            compute - done.compute,   communicate - done.communicate, wait - done.wait,
            loss_sum - done.loss_sum, exchange - done.exchange};
  }
};

/// What the scheduler tells one worker. Holds absolute values, so a repeated or reordered
/// instruction does no harm: the instruction with the larger revision wins.
struct instruction {
  std::uint64_t revision = 0;          ///< grows with every change of this worker's instruction
  std::uint64_t permitted_commits = 0; ///< the worker may train while its commits < this
  std::uint32_t local_steps = 1; ///< tau: steps between commits, for policies that count steps
  double commits_due = 1;        ///< dC_i: commits in one check period, for policies with a timer
  std::uint32_t generation =
      0;                    ///< grows when the job returns to an earlier state: train from there
  std::uint64_t round = 0;  ///< with a barrier: the present round, 1, 2, 3, ...; 0: no rounds
  seconds round_length = 0; ///< T, with rounds by time: everybody commits at the same moments
  seconds until_round = 0;  ///< from the sending of this instruction to the next of these moments
  seconds held_at_most = 0; ///< with rounds by time: how long a shard may hold a commit
  bool operator==(const instruction&) const = default;
};

/// The state of a policy, for progress lines and tables.
struct policy_status {
  double commit_rate = 0;        ///< dC, commits a check period asked of every worker (0: no timer)
  double commit_target = 0;      ///< C_target at the next checkpoint (0: no timer)
  std::uint32_t local_steps = 1; ///< tau in force
  bool asynchronous = false;     ///< workers commit without a barrier
  bool searching = false;        ///< a commit-rate probe is under way
  std::uint64_t probes = 0;      ///< commit-rate probes finished since the start
  seconds search_time = 0;       ///< time spent in probes and their barriers since the start
};

} // namespace adsp::sync
