// ESync (Li et al., IEEE TSC 15(4), doi 10.1109/TSC.2020.3044043): rounds behind a barrier that last
// about as long as a step of the slowest worker; everybody makes as many steps as fit.
#pragma once

#include "sync/commit_gate.hpp"
#include "sync/policy.hpp"

#include <vector>

namespace adsp::sync {

/// The authors' state server is asked before every local step whether another one fits into the
/// round. Here the scheduler gives the number of steps at the beginning of a round, from the
/// measured times of steps: floor(longest / own), at least one.
class esync_policy final : public scheduler_policy {
public:
  /// `members`: who takes part; they outlive the policy.
  explicit esync_policy(const membership& members) : gate_{members, 0} {}

  void start(seconds) override { gate_.start(); }
  void joined(worker_id who, seconds) override;
  void left(worker_id who, seconds) override;
  void reported(worker_id who, const progress& done, seconds) override;
  void evaluated(seconds, double, seconds) override {}
  seconds next_tick() const override { return never; }
  void tick(seconds) override {}
  std::uint64_t rounds_closed() const override { return gate_.round() - 1; }
  instruction instruction_of(worker_id who) const override;
  void take_released(std::vector<worker_id>& out) override { gate_.take_released(out); }
  policy_status status(seconds now) const override;

private:
  /// Sets everybody's steps in the coming round.
  void begin_round();

  commit_gate gate_;
  std::vector<seconds> step_;              ///< the last measured, indexed by worker_id; 0: unknown
  std::vector<progress> seen_;             ///< the last report
  std::vector<std::uint32_t> local_steps_; ///< in the round under way
};

} // namespace adsp::sync
