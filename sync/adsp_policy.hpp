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
        0; ///< commits it waits at while a barrier stands; 0: it is no part of it
  };

  /// Where every worker's count would be at `now` if commits were spread evenly.
  double course(seconds now) const;

  /// Starts a check period at `now` from `reached` commits: C_target = reached + dC.
  void checkpoint(double reached, seconds now);
  void change_rate(double rate, seconds now);
  void search_if_due(seconds now);

  /// The time between commits of which a step and an exchange take half, and an exchange that
  /// blocks no more than a tenth.
  seconds comfortable_spacing(const progress& done) const;

  /// dC at which every worker has its comfortable time between commits; 0 until everybody has
  /// committed.
  double comfortable_rate() const;
  /// Takes the comfortable rate once it is known, and the search goes on from there.
  void settle(seconds now);
  /// At a checkpoint: measures everybody's spacing over the period before, and settles anew where
  /// workers have become much slower or faster, have come or gone.
  void resettle(seconds now);
  void follow_search(seconds now);

  /// With `probe_barrier`: everybody commits once more and waits until all have.
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
  double loss_at_check_ = 0; ///< at the checkpoint before
  std::uint64_t revision_ = 0;
  double settled_rate_ = 0;        ///< the comfortable rate that was taken last; 0: none yet
  std::size_t known_spacings_ = 0; ///< of the workers present
  bool released_ = false;          ///< everybody has a new instruction
  seconds barrier_since_ = 0;      ///< when the last one was raised
  std::size_t missing_ = 0;        ///< workers that have not reached the barrier
  std::vector<entry> entries_;     ///< indexed by worker_id
};

} // namespace adsp::sync
