// BSP, SSP and TAP: a commit after every step, and a bound on how far a worker may be ahead of the
// slowest (0, s, or no bound). Ho et al., NIPS 2013; Recht et al., NIPS 2011.
#pragma once

#include "sync/commit_gate.hpp"
#include "sync/policy.hpp"

namespace adsp::sync {

class clock_policy final : public scheduler_policy {
public:
  /// `members`: who takes part; they outlive the policy.
  clock_policy(const membership& members, std::uint64_t staleness)
      : gate_{members, staleness}, asynchronous_{staleness > 0} {}

  void start(seconds) override { gate_.start(); }
  void joined(worker_id who, seconds) override { gate_.join(who); }
  void left(worker_id who, seconds) override { gate_.leave(who); }
  void reported(worker_id who, const progress& x, seconds) override {
    gate_.advance(who, x.commits);
  }
  void evaluated(seconds, double, seconds) override {}
  seconds next_tick() const override { return never; }
  void tick(seconds) override {}
  instruction instruction_of(worker_id who) const override {
    if (!gate_.known(who))
      return {};
    return {gate_.revision(), gate_.permitted(who), 1, 1, 0, gate_.round()};
  }
  void take_released(std::vector<worker_id>& out) override { gate_.take_released(out); }
  policy_status status(seconds) const override {
    policy_status x;
    x.asynchronous = asynchronous_;
    return x;
  }

private:
  commit_gate gate_;
  bool asynchronous_;
};

} // namespace adsp::sync
