// The scheduler's side of rounds by time: everybody commits at the moments T, 2 T, 3 T, ..., and the
// server moves once for each, a grace later, by all that has arrived since its last step. Whoever
// comes too late for a step is in the next; nobody waits.
#pragma once

#include "sync/policy.hpp"
#include "sync/round_options.hpp"
#include "sync/round_pace.hpp"

namespace adsp::sync {

class round_policy final : public scheduler_policy {
public:
  /// `members`: who takes part; they outlive the policy.
  round_policy(const membership& members, seconds check_period, const round_options& x)
      : members_{members}, check_period_{check_period}, options_{x} {}

  void start(seconds now) override;
  void joined(worker_id who, seconds now) override;
  void left(worker_id who, seconds now) override;
  void reported(worker_id who, const progress& done, seconds now) override;
  void evaluated(seconds, double, seconds) override {}
  void restored(seconds now) override;
  seconds next_tick() const override { return step_at_; }
  void tick(seconds now) override;
  std::uint64_t rounds_closed() const override { return closed_; }
  instruction instruction_of(worker_id who) const override;
  void take_released(std::vector<worker_id>& out) override;
  policy_status status(seconds now) const override;

private:
  /// T of the first round; as long as nothing has been measured each is twice as long as the last,
  /// up to the second number.
  static constexpr seconds first_length = 1;
  static constexpr seconds longest_unmeasured = 64;

  /// Sets the pace of the coming round, and tells everybody if it is longer than they know.
  void set_pace();

  /// The workers' pace has just become known: brings the round under way forward if it was guessed
  /// too long.
  void end_guess();

  /// Gives everybody a new instruction.
  void tell_all();

  /// Seconds that a commit may wait for the server's step.
  seconds longest_hold() const { return pace_.length + pace_.grace; }

  const membership& members_;
  seconds check_period_;
  round_options options_;
  bool started_ = false;
  bool released_ = false;   ///< everybody has a new instruction
  seconds now_ = 0;         ///< of the last call
  seconds moment_ = 0;      ///< of the present round
  seconds step_at_ = never; ///< the server's next step
  pace pace_{first_length, first_length / 2};
  seconds told_hold_ = 0; ///< the longest so far
  round_pace measured_;
  std::uint64_t closed_ = 0;
  std::vector<std::uint64_t> revisions_; ///< indexed by worker_id
};

} // namespace adsp::sync
