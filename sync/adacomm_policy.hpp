// ADACOMM: all workers commit after tau steps and wait for each other; tau shrinks with the global
// training loss, the mean loss of the workers' minibatches (Wang and Joshi, SysML 2019). Fixed
// ADACOMM keeps tau.
#pragma once

#include "sync/commit_gate.hpp"
#include "sync/policy.hpp"

#include <vector>

namespace adsp::sync {

/// tau of the next interval: ceil(sqrt(loss_now / loss_start) tau_0), or half the present tau
/// (rounded up) when that is no smaller. At least 1.
std::uint32_t next_local_steps(std::uint32_t tau, std::uint32_t tau_0, double loss_start,
                               double loss_now);

class adacomm_policy final : public scheduler_policy {
public:
  /// `members`: who takes part; they outlive the policy. `interval`: T0, seconds between changes of
  /// tau; `never` keeps tau.
  adacomm_policy(const membership& members, std::uint32_t tau_0, seconds interval)
      : gate_{members, 0}, tau_0_{tau_0}, tau_{tau_0}, next_tau_{tau_0}, interval_{interval} {}

  void start(seconds now) override;
  void joined(worker_id who, seconds) override { gate_.join(who); }
  void left(worker_id who, seconds now) override;
  void reported(worker_id who, const progress& done, seconds now) override;
  void evaluated(seconds, double, seconds) override {}
  seconds next_tick() const override { return next_change_; }
  void tick(seconds now) override;
  std::uint64_t rounds_closed() const override { return gate_.round() - 1; }
  instruction instruction_of(worker_id who) const override {
    if (!gate_.known(who))
      return {};
    return {gate_.revision(), gate_.permitted(who), tau_, 1, 0, gate_.round()};
  }
  void take_released(std::vector<worker_id>& out) override { gate_.take_released(out); }
  policy_status status(seconds now) const override;

private:
  /// All workers have committed: the next round begins.
  void round_over();

  /// Adds what is new in a report to the interval under way, unless its loss is not finite: such a
  /// worker is left out of the mean until it reports a finite loss again.
  void take_loss(worker_id who, const progress& done);

  /// Mean loss of a training step in the interval under way; 0: unknown.
  double mean_loss() const;

  commit_gate gate_;
  std::uint32_t tau_0_;
  std::uint32_t tau_;      ///< tau of the round under way, the same for every worker
  std::uint32_t next_tau_; ///< tau from the next release on
  seconds interval_;
  seconds next_change_ = never;
  std::vector<progress> seen_; ///< the last report with a finite loss, by worker_id
  progress interval_total_;    ///< of all workers since the last change of tau
  bool first_round_ = true;    ///< still in it: a T0 that expires now is extended
  double loss_start_ = 0;      ///< F_start, mean training loss of the first round; 0: none yet
};

} // namespace adsp::sync
