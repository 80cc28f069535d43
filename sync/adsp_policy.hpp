// ADSP on the scheduler's side: equal cumulative commit counts for every worker, whatever its
// speed, by giving each a commit rate of its own at every checkpoint (Hu, Wang, Wu, AAAI-20).
#pragma once

#include "sync/adsp_options.hpp"
#include "sync/commit_search.hpp"
#include "sync/policy.hpp"

#include <memory>

namespace adsp::sync {

class adsp_policy final : public scheduler_policy {
public:
  /// `members`: who takes part; they outlive the policy. `check_period`: Gamma.
  adsp_policy(const membership& members, seconds check_period, const adsp_options& x);

  void start(seconds now) override;
  void joined(worker_id who, seconds now) override;
  void left(worker_id who, seconds now) override;
  void reported(worker_id who, const progress& done, seconds now) override;
  void evaluated(seconds when, double loss, seconds now) override;
  void restored(seconds now) override;
  seconds next_tick() const override;
  void tick(seconds now) override;
  instruction instruction_of(worker_id who) const override;
  void take_released(std::vector<worker_id>& out) override;
  policy_status status(seconds now) const override;
  double commits_asked(seconds now) const override { return course(now); }

private:
  struct entry {
    double baseline = 0;       ///< the target's course when it joined
    std::uint64_t commits = 0; ///< its own
    progress latest;           ///< its last report
    progress measured;         ///< the report that `spacing` was last measured up to
    seconds spacing = 0;       ///< comfortable time between its commits, as reported; 0: unknown
    double due = 1;            ///< dC_i of this check period
    std::uint64_t gather_at =
        0; ///< commits at which it waits at a barrier; 0: it has none to reach
  };

  /// Where every worker's count would be at `now` if commits were spread evenly.
  double course(seconds now) const;

  /// Starts a check period at `now` from `reached` commits: C_target = reached + dC.
  void checkpoint(double reached, seconds now);
  void change_rate(double rate, seconds now);
  void search_if_due(seconds now);

  /// Seconds between commits such that a step and an exchange take half of them, and an exchange
  /// that blocks takes at most a tenth.
  seconds comfortable_spacing(const progress& done) const;

  /// dC that leaves every worker its comfortable time between commits; 0 until all have committed.
  double comfortable_rate() const;
  /// Adopts the comfortable rate once it is known or has changed much, and restarts the search from
  /// it.
  void settle(seconds now);
  /// At a checkpoint: measures every worker's spacing over the past period, and settles again if
  /// workers have become much slower or faster, have joined or left.
  void resettle(seconds now);
  void follow_search(seconds now);

  /// With `probe_barrier`: every worker commits once more and waits until all have.
  void raise_barrier(seconds now);
  void lower_barrier_if_complete(seconds now);
  bool gathering() const { return missing_ > 0; }
  bool known(worker_id who) const { return who < entries_.size() && members_.present(who); }

  const membership& members_;
  seconds check_period_;
  adsp_options options_;
  std::unique_ptr<commit_search> search_; ///< none with a fixed rate
  bool started_ = false;
  double rate_;       ///< dC
  double target_ = 0; ///< C_target, at next_check_
  seconds next_check_ = never;
  seconds next_epoch_ = never;
  double loss_ = 0;          ///< the latest global loss; 0: none yet
  double loss_at_check_ = 0; ///< at the last checkpoint
  std::uint64_t revision_ = 0;
  double settled_rate_ = 0;        ///< the comfortable rate adopted last; 0: none yet
  std::size_t known_spacings_ = 0; ///< present workers whose spacing is known
  bool released_ = false;          ///< everybody has a new instruction
  seconds barrier_since_ = 0;      ///< when the last one was raised
  std::size_t missing_ = 0;        ///< workers that have not reached the barrier
  std::vector<entry> entries_;     ///< indexed by worker_id
};

} // namespace adsp::sync
