// Local SGD where nobody waits: everybody commits after a number of steps of its own, the same for
// all or in proportion to its speed (DyLU: Liu et al., arXiv 2401.09135, section 4.2).
#pragma once

#include "sync/membership.hpp"
#include "sync/policy.hpp"

#include <vector>

namespace adsp::sync {

/// Who makes `local_steps` steps between two commits.
enum class step_share : std::uint8_t {
  equal,   ///< everybody
  by_speed ///< the fastest; others floor(v / max v local_steps), at least one, v in steps a second
};

class free_policy final : public scheduler_policy {
public:
  /// `members`: who takes part; they outlive the policy.
  free_policy(const membership& members, std::uint32_t local_steps, step_share share)
      : members_{members}, local_steps_{local_steps}, share_{share} {}

  void start(seconds) override;
  void joined(worker_id who, seconds) override;
  void left(worker_id who, seconds) override;
  void reported(worker_id who, const progress& done, seconds) override;
  void evaluated(seconds, double, seconds) override {}
  seconds next_tick() const override { return never; }
  void tick(seconds) override {}
  instruction instruction_of(worker_id who) const override;
  void take_released(std::vector<worker_id>& out) override;
  policy_status status(seconds now) const override;

private:
  struct entry {
    std::uint64_t revision = 0;
    double speed = 0; ///< steps a second since its start; 0: not known
  };

  double largest_speed() const;

  const membership& members_;
  std::uint32_t local_steps_;
  step_share share_;
  bool started_ = false;
  bool released_ = false;
  std::vector<entry> entries_; ///< indexed by worker_id
};

} // namespace adsp::sync
