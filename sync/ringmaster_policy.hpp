// Ringmaster ASGD (Maranjyan, Tyurin, Richtarik, ICML 2025, arXiv 2501.16168): a commit after every
// step; a gradient is given up when too many others have been applied since its parameters.
#pragma once

#include "sync/membership.hpp"
#include "sync/policy.hpp"

#include <vector>

namespace adsp::sync {

/// The scheduler's side: counts the delays d, from the commits that workers report. Whose delay
/// reaches R is told to begin anew, by a larger `instruction::round`, and has the delay 0 again. So
/// one party decides for all shards; a commit that is already on its way is applied.
class ringmaster_policy final : public scheduler_policy {
public:
  /// `members`: who takes part; they outlive the policy.
  ringmaster_policy(const membership& members, std::uint32_t delay_bound)
      : members_{members}, bound_{delay_bound} {}

  void start(seconds) override;
  void joined(worker_id who, seconds) override;
  void left(worker_id, seconds) override {}
  void reported(worker_id who, const progress& done, seconds) override;
  void evaluated(seconds, double, seconds) override {}
  seconds next_tick() const override { return never; }
  void tick(seconds) override {}
  instruction instruction_of(worker_id who) const override;
  void take_released(std::vector<worker_id>& out) override;
  policy_status status(seconds now) const override;

private:
  struct entry {
    std::uint64_t revision = 0;
    std::uint64_t commits = 0; ///< reported
    std::uint64_t delay = 0;   ///< d: commits of others since its last
    std::uint64_t anew = 0;    ///< how often it has been told to begin anew
  };

  const membership& members_;
  std::uint32_t bound_; ///< R
  bool started_ = false;
  std::vector<entry> entries_; ///< indexed by worker_id
  std::vector<worker_id> released_;
};

/// The worker's side. A step that has begun is finished, and then given up.
class ringmaster_worker final : public worker_policy {
public:
  void instruct(const instruction& order, seconds now) override;
  action next(seconds now) const override;
  bool pulls_with_commit() const override { return true; }
  void stepped(seconds) override { stepped_ = true; }
  void committed(seconds, seconds) override;
  void voided(seconds) override { stepped_ = false; }
  void pulled(seconds) override;

private:
  instruction instruction_;
  bool stepped_ = false;    ///< since the last commit
  std::uint64_t begun_ = 0; ///< `instruction::round` that its parameters are at least as new as
};

} // namespace adsp::sync
