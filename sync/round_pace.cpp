#include "sync/round_pace.hpp"

#include <algorithm>
#include <utility>

namespace adsp::sync {

namespace {

struct share {
  seconds time;
  double speed; ///< steps a second
};

/// The least time such that half of the speed is of shares with at most that time.
seconds middle(std::vector<share>& shares) {
  std::ranges::sort(shares, {}, &share::time);
  double rest = 0;
  for (const auto& each : shares)
    rest += each.speed / 2;
  for (const auto& each : shares)
    if ((rest -= each.speed) <= 0)
      return each.time;
  return shares.back().time;
}

} // namespace

void round_pace::measure(worker_id who, const progress& done) {
  if (entries_.size() <= who)
    entries_.resize(std::size_t{who} + 1);
  auto& x = entries_[who];
  if (done.commits <= x.latest.commits || done.steps <= x.latest.steps)
    return;
  const auto since = done - std::exchange(x.latest, done);
  const times now{std::max(1e-9, since.compute / static_cast<double>(since.steps)),
                  std::max(0.0, since.exchange / static_cast<double>(since.commits))};
  if (x.last.step == 0)
    ++measured_;
  x.before = x.last.step == 0 ? now : x.last;
  x.last = now;
}

void round_pace::forget(worker_id who) {
  if (who < entries_.size() && std::exchange(entries_[who], {}).last.step > 0)
    --measured_;
}

bool round_pace::known(const membership& members) const {
  return measured_ > 0 && 2 * measured_ >= members.present_count();
}

pace round_pace::of(const membership& members) const {
  std::vector<share> steps;
  std::vector<share> exchanges;
  for (worker_id who = 0; who < entries_.size(); ++who)
    if (const auto& x = entries_[who]; x.last.step > 0 && members.present(who)) {
      const auto step = std::min(x.last.step, x.before.step);
      steps.push_back({step, 1 / step});
      exchanges.push_back({std::min(x.last.exchange, x.before.exchange), 1 / step});
    }
  const auto step = middle(steps);
  const auto exchange = middle(exchanges);
  return {std::max(shortest_round, 1.25 * (step + exchange) + step), step + exchange / 2};
}

} // namespace adsp::sync
