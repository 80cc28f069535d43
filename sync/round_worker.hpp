// The worker's side of rounds by time: everybody is due at the same moments, T apart, and commits at
// its first step boundary after one, unless its last commit is still under way. Training never
// stops.
#pragma once

#include "sync/policy.hpp"

namespace adsp::sync {

class round_worker final : public worker_policy {
public:
  void instruct(const instruction& order, seconds now) override;
  action next(seconds now) const override;
  bool pulls_with_commit() const override { return true; }
  bool trains_during_commit() const override { return true; }
  seconds held_at_most() const override { return instruction_.held_at_most; }
  void committing(seconds now) override;
  void stepped(seconds) override { ++steps_; }
  void committed(seconds now, seconds exchange) override;
  void voided(seconds now) override;
  void pulled(seconds) override {}

private:
  /// Sets the next moment to the first after `now`.
  void pass(seconds now);

  instruction instruction_;
  seconds due_ = 0;         ///< the next moment, or one that has passed without a commit
  bool committing_ = false; ///< a commit is under way
  std::uint64_t steps_ = 0; ///< since the last commit
  std::uint64_t commits_ = 0;
};

} // namespace adsp::sync
