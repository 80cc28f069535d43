// Decides when a job has made the number of steps it is limited to. Workers report when they
// commit, which may be rare: between reports they are asked, more often as the limit comes near,
// but not at every step.
#pragma once

#include "sync/types.hpp"

#include <cstdint>

namespace adsp::sync {

class step_limit {
public:
  /// `steps` of all workers together; 0: no limit.
  explicit step_limit(std::uint64_t steps) : limit_{steps} {}

  /// Training starts at time 0.
  void start() { next_ = limit_ > 0 ? shortest : never; }

  /// When to ask the workers; `never` without a limit, and while they are being asked.
  seconds next() const { return next_; }
  void asked() { next_ = never; }

  /// All workers together have made `steps` steps. The next time to ask is when half of the
  /// remaining steps will have been made, at the latest speed or the mean one, whichever is higher.
  void counted(std::uint64_t steps, std::uint64_t workers, seconds now);

  /// Whether the steps that commits have reported are enough.
  bool reached_by_commits(std::uint64_t steps) const { return limit_ > 0 && steps >= limit_; }

  /// Whether the steps that `workers` workers have answered are enough. Each answer may include a
  /// step that is just being committed, hence the margin: under a policy that commits every step,
  /// commits end the job, not answers.
  bool reached(std::uint64_t steps, std::uint64_t workers) const {
    return limit_ > 0 && steps >= limit_ + workers;
  }

private:
  /// Least seconds before the first question and between two; few steps take less.
  static constexpr seconds shortest = 1e-3;

  std::uint64_t limit_;
  std::uint64_t steps_ = 0; ///< at the last count
  seconds counted_at_ = 0;
  seconds next_ = never;
};

} // namespace adsp::sync
