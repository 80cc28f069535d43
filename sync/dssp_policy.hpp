// DSSP: SSP whose bound is chosen while training, within a range (Zhao et al., "Dynamic Stale
// Synchronous Parallel Distributed Training for Deep Learning", ICDCS 2019; implemented from the
// paper's description). When the lower bound s_L stops the fastest worker, it may make r* more
// commits. r* is chosen from the latest intervals between commits, so that the worker then waits
// for the slowest as briefly as possible.
#pragma once

#include "sync/commit_gate.hpp"
#include "sync/policy.hpp"

#include <vector>

namespace adsp::sync {

struct dssp_options {
  std::uint32_t staleness_min = 3;  ///< s_L, in commits
  std::uint32_t staleness_max = 15; ///< s_U
};

/// When a worker made its latest commit, and how long after the one before.
struct commit_times {
  seconds last = 0;
  seconds interval = 0; ///< 0: not known yet
};

/// r* in [0, r_max]: the number of extra commits of the fast worker, one per latest interval, after
/// which it is nearest in time to one of the slowest worker's next r_max + 1 commits. 0 if an
/// interval is not known.
std::uint32_t extra_commits(const commit_times& fast, const commit_times& slowest,
                            std::uint32_t r_max);

class dssp_policy final : public scheduler_policy {
public:
  /// `members`: who takes part; they outlive the policy.
  dssp_policy(const membership& members, const dssp_options& x)
      : gate_{members, x.staleness_min}, r_max_{x.staleness_max - x.staleness_min} {}

  void start(seconds now) override;
  void joined(worker_id who, seconds now) override;
  void left(worker_id who, seconds) override { gate_.leave(who); }
  void reported(worker_id who, const progress& done, seconds now) override;
  void evaluated(seconds, double, seconds) override {}
  seconds next_tick() const override { return never; }
  void tick(seconds) override {}
  instruction instruction_of(worker_id who) const override;
  void take_released(std::vector<worker_id>& out) override { gate_.take_released(out); }
  policy_status status(seconds) const override;

private:
  struct entry {
    std::uint64_t commits = 0; ///< since its start
    std::uint64_t granted = 0; ///< it may commit up to here whatever the lower bound says
    commit_times times;
  };

  /// Commits left until the lower bound; least for the fastest worker, negative beyond the bound.
  std::int64_t room(worker_id who) const;
  /// The present worker with the fewest commits.
  worker_id slowest() const;
  bool fastest(worker_id who) const;

  commit_gate gate_; ///< the lower bound
  std::uint32_t r_max_;
  std::uint64_t grants_ = 0;
  std::vector<entry> entries_; ///< indexed by worker_id
};

} // namespace adsp::sync
