// The worker's side of ADSP: a timer of Gamma / dC_i - O_i seconds, checked between steps, so that
// training never stops for it (Hu, Wang, Wu, AAAI-20). With overlap, training does not stop for the
// exchange either, and the timer runs Gamma / dC_i from the beginning of one commit to that of the
// next. Steps made during an exchange start from older parameters, so that fewer learning rates
// converge: after a return to an earlier state, the exchange blocks.
#pragma once

#include "sync/policy.hpp"

namespace adsp::sync {

class timed_worker final : public worker_policy {
public:
  /// `check_period`: Gamma.
  explicit timed_worker(seconds check_period, bool overlap = false)
      : check_period_{check_period}, overlap_{overlap} {}

  void instruct(const instruction& order, seconds now) override;
  action next(seconds now) const override;
  bool pulls_with_commit() const override { return true; }
  bool trains_during_commit() const override { return overlap_ && instruction_.generation == 0; }
  void committing(seconds now) override;
  void stepped(seconds) override { ++steps_; }
  void committed(seconds now, seconds exchange) override;
  void voided(seconds now) override;
  void pulled(seconds now) override { timer_start_ = now; }

  /// Seconds from fresh parameters (with overlap: from a commit's beginning) to the next commit.
  seconds interval() const;

private:
  seconds check_period_;
  bool overlap_;
  bool committing_ = false; ///< an overlapped commit is under way
  instruction instruction_;
  std::uint64_t steps_ = 0; ///< since the last commit
  std::uint64_t commits_ = 0;
  seconds timer_start_ = 0;
  seconds exchange_ = -1; ///< O_i smoothed; negative: not measured yet
};

} // namespace adsp::sync
