// WBSP (Yang et al., Parallel Computing 121:103092, 2024): everybody commits after every step and
// gets nothing back; parameters are fetched once a step of the slowest worker.
#pragma once

#include "sync/commit_gate.hpp"
#include "sync/policy.hpp"

namespace adsp::sync {

/// The scheduler's side. The published code has the slowest worker as a constant; here it is who
/// has made the fewest commits. `instruction::round` is its next step, from 1.
class wbsp_policy final : public scheduler_policy {
public:
  /// `members`: who takes part; they outlive the policy.
  explicit wbsp_policy(const membership& members) : members_{members}, slowest_{members, 0} {}

  void start(seconds now) override;
  void joined(worker_id who, seconds now) override;
  void left(worker_id who, seconds now) override;
  void reported(worker_id who, const progress& done, seconds now) override;
  void evaluated(seconds, double, seconds) override {}
  seconds next_tick() const override { return never; }
  void tick(seconds) override {}
  instruction instruction_of(worker_id who) const override;
  void take_released(std::vector<worker_id>& out) override { slowest_.take_released(out); }
  policy_status status(seconds now) const override;

private:
  const membership& members_;
  commit_gate slowest_; ///< counts the slowest worker's steps; nobody waits for them
  bool started_ = false;
  std::uint64_t revision_ = 0;
};

/// The worker's side.
class wbsp_worker final : public worker_policy {
public:
  void instruct(const instruction& order, seconds now) override;
  action next(seconds now) const override;
  bool pulls_with_commit() const override { return false; }
  void stepped(seconds) override { stepped_ = true; }
  void committed(seconds, seconds) override { stepped_ = false; }
  void voided(seconds) override { stepped_ = false; }
  void pulled(seconds) override { pulled_ = instruction_.round; }

private:
  instruction instruction_;
  bool stepped_ = false;     ///< since the last commit
  std::uint64_t pulled_ = 1; ///< round of the last pull
};

} // namespace adsp::sync
