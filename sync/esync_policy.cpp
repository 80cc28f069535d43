#include "sync/esync_policy.hpp"

#include <algorithm>
#include <cmath>

namespace adsp::sync {

namespace {

/// Steps that take as long as a round up to rounding fit into it.
constexpr double tolerance = 1e-9;

} // namespace

void esync_policy::joined(worker_id who, seconds) {
  gate_.join(who);
  if (step_.size() <= who) {
    step_.resize(std::size_t{who} + 1, 0);
    seen_.resize(step_.size());
    local_steps_.resize(step_.size(), 1);
  }
}

void esync_policy::left(worker_id who, seconds) {
  if (who < step_.size())
    step_[who] = 0;
  if (gate_.leave(who))
    begin_round();
}

void esync_policy::reported(worker_id who, const progress& done, seconds) {
  if (!gate_.known(who))
    return;
  if (done.steps > seen_[who].steps) {
    const auto since = done - seen_[who];
    step_[who] = since.compute / static_cast<double>(since.steps);
    seen_[who] = done;
  }
  if (gate_.advance(who, done.commits))
    begin_round();
}

void esync_policy::begin_round() {
  const auto longest = *std::ranges::max_element(step_);
  for (worker_id who = 0; who < step_.size(); ++who)
    local_steps_[who] =
        step_[who] > 0
            ? std::max(1U, static_cast<std::uint32_t>(std::floor(longest / step_[who] + tolerance)))
            : 1;
}

instruction esync_policy::instruction_of(worker_id who) const {
  if (!gate_.known(who))
    return {};
  return {gate_.revision(), gate_.permitted(who), local_steps_[who], 1, 0, gate_.round()};
}

policy_status esync_policy::status(seconds) const {
  policy_status x;
  for (const auto each : local_steps_)
    x.local_steps = std::max(x.local_steps, each);
  return x;
}

} // namespace adsp::sync
