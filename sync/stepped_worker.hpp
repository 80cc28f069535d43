// The worker's side of BSP, SSP, TAP and ADACOMM: a commit after a number of steps, and a gate.
#pragma once

#include "sync/policy.hpp"

namespace adsp::sync {

/// When a worker that counts its steps fetches parameters.
enum class refresh : std::uint8_t {
  with_commit,                  ///< the reply to a commit brings them (TAP)
  after_release,                ///< after every commit, once the gate is open (BSP, ADACOMM)
  with_commit_and_when_stopped, ///< as with_commit, and again after the gate has stopped it (SSP)
  when_stale,                   ///< only when the copy is too old for the bound (SSP)
};

class stepped_worker final : public worker_policy {
public:
  explicit stepped_worker(refresh x) : refresh_{x} {}

  void instruct(const instruction& order, seconds now) override;
  action next(seconds now) const override;
  bool pulls_with_commit() const override;
  std::uint64_t round() const override {
    return refresh_ == refresh::after_release ? instruction_.round : 0;
  }
  void stepped(seconds) override { ++steps_; }
  void committed(seconds now, seconds exchange) override;
  void voided(seconds) override { steps_ = 0; }
  void pulled(seconds now) override;

private:
  void ask();

  refresh refresh_;
  instruction instruction_;
  std::uint32_t steps_ = 0; ///< since the last commit
  std::uint64_t commits_ = 0;
  bool pull_due_ = false;
  std::uint64_t asked_ = 0;   ///< permission in force when the pull under way began; 0: none
  std::uint64_t covered_ = 0; ///< commits up to which the present copy is fresh enough (when_stale)
};

} // namespace adsp::sync
