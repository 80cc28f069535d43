#include "sync/adsp_policy.hpp"

#include "sync/neighbour_search.hpp"
#include "sync/rate_search.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace adsp::sync {

namespace {

/// A new search starts when the loss has risen by this factor since the last checkpoint.
constexpr double alarming_rise = 1.3;

/// The adaptive search restarts from the comfortable rate when that has changed by this factor.
constexpr double other_pace = 1.5;

/// Upper limit of every rate, searched or comfortable; its inverse is the lower limit of the
/// comfortable rate.
constexpr std::uint32_t max_rate = 64;

/// "At once", as commits in a check period.
constexpr double without_delay = 1e12;

std::unique_ptr<commit_search> make_search(seconds check_period, const adsp_options& options) {
  const auto window = options.probe_window > 0 ? options.probe_window : check_period;
  const reward_rule reward{options.reward, options.reference_loss};
  switch (options.search) {
  case search_kind::none:
    return nullptr;
  case search_kind::paper:
    return std::make_unique<rate_search>(window, reward, max_rate);
  case search_kind::adaptive:
    return std::make_unique<neighbour_search>(window, reward, max_rate, options.search_share);
  }
  return nullptr;
}

} // namespace

adsp_policy::adsp_policy(const membership& members, seconds check_period, const adsp_options& x)
    : members_{members}, check_period_{check_period}, options_{x},
      search_{make_search(check_period, x)}, rate_{x.commit_rate} {}

void adsp_policy::start(seconds now) {
  started_ = true;
  next_epoch_ = search_ ? now : never;
  search_if_due(now);
  checkpoint(0, now);
}

void adsp_policy::joined(worker_id who, seconds now) {
  if (entries_.size() <= who)
    entries_.resize(std::size_t{who} + 1);
  entries_[who] = {course(now), 0, {}, {}, 0, rate_, 0};
  ++revision_;
}

void adsp_policy::left(worker_id who, seconds now) {
  if (who >= entries_.size())
    return;
  auto& x = entries_[who];
  known_spacings_ -= std::exchange(x.spacing, 0) > 0 ? 1 : 0;
  if (std::exchange(x.gather_at, 0) > 0) {
    --missing_;
    lower_barrier_if_complete(now);
  }
}

void adsp_policy::reported(worker_id who, const progress& done, seconds now) {
  if (!known(who))
    return;
  auto& worker = entries_[who];
  worker.commits = std::max(worker.commits, done.commits);
  if (worker.gather_at > 0 && worker.commits >= worker.gather_at) {
    worker.gather_at = 0;
    --missing_;
    lower_barrier_if_complete(now);
  }
  if (done.commits == 0 || done.steps == 0)
    return;
  if (done.commits >= worker.latest.commits && done.steps >= worker.latest.steps)
    worker.latest = done;
  if (worker.spacing == 0) {
    ++known_spacings_;
    worker.spacing = comfortable_spacing(done);
  }
  if (settled_rate_ == 0)
    settle(now);
}

void adsp_policy::settle(seconds now) {
  if (options_.search != search_kind::adaptive || !started_ || gathering())
    return;
  const auto rate = comfortable_rate();
  if (rate == 0 || (rate < other_pace * settled_rate_ && rate > settled_rate_ / other_pace))
    return;
  settled_rate_ = rate;
  change_rate(rate, now);
  search_->begin(rate, now);
}

void adsp_policy::resettle(seconds now) {
  for (worker_id who = 0; who < entries_.size(); ++who) {
    auto& x = entries_[who];
    const auto done = x.latest - x.measured;
    if (!known(who) || x.spacing == 0)
      continue;
    if (done.commits > 0 && done.steps > 0) {
      x.spacing = comfortable_spacing(done);
      x.measured = x.latest;
    } else if (x.due >= 1) {
      x.spacing = std::max(x.spacing, check_period_); // asked for a commit, it made none
    }
  }
  settle(now);
}

seconds adsp_policy::comfortable_spacing(const progress& done) const {
  const auto step = done.compute / static_cast<double>(done.steps);
  const auto exchange = done.exchange / static_cast<double>(done.commits);
  const auto spacing = std::max(1e-9, 2 * (step + exchange));
  return options_.overlap ? spacing : std::max(spacing, 10 * exchange);
}

double adsp_policy::comfortable_rate() const {
  const auto present = members_.present_count();
  if (known_spacings_ < present || present == 0)
    return 0;
  seconds longest = 0; // whoever has left has no spacing
  for (const auto& x : entries_)
    longest = std::max(longest, x.spacing);
  return std::clamp(check_period_ / longest, 1.0 / max_rate, 1.0 * max_rate);
}

double adsp_policy::course(seconds now) const {
  if (!started_)
    return 0;
  const auto left = std::clamp((next_check_ - now) / check_period_, 0.0, 1.0);
  return target_ - rate_ * left;
}

void adsp_policy::checkpoint(double reached, seconds now) {
  target_ = reached + rate_;
  next_check_ = now + check_period_;
  loss_at_check_ = loss_;
  ++revision_;
  released_ = true;
  // At least one commit a period, unless the rate is below one: then every 1 / rate periods.
  const auto least = std::min(1.0, rate_);
  for (auto& x : entries_)
    x.due = options_.rule == commit_share::equal
                ? rate_
                : std::max(least, target_ - (x.baseline + static_cast<double>(x.commits)));
}

void adsp_policy::change_rate(double rate, seconds now) {
  const auto reached = course(now);
  rate_ = rate;
  checkpoint(reached, now);
}

void adsp_policy::search_if_due(seconds now) {
  if (!search_ || search_->busy())
    return;
  const bool rose = loss_at_check_ > 0 && loss_ > alarming_rise * loss_at_check_;
  if (now < next_epoch_ && !rose)
    return;
  while (next_epoch_ <= now)
    next_epoch_ += options_.epoch;
  search_->begin(rate_, now);
  if (loss_ > 0)
    search_->observe(now, loss_);
  rate_ = search_->rate();
  if (options_.probe_barrier && now > 0)
    raise_barrier(now);
}

void adsp_policy::raise_barrier(seconds now) {
  barrier_since_ = now;
  for (worker_id who = 0; who < entries_.size(); ++who) {
    auto& x = entries_[who];
    x.gather_at = known(who) ? x.commits + 1 : 0;
    missing_ += known(who) ? 1 : 0;
  }
  ++revision_;
  released_ = true;
}

void adsp_policy::lower_barrier_if_complete(seconds now) {
  if (gathering())
    return;
  search_->passed_barrier(barrier_since_, now);
  // The commits that the barrier asked for are added to the target.
  double most = 0;
  for (worker_id who = 0; who < entries_.size(); ++who)
    if (known(who))
      most = std::max(most, entries_[who].baseline + static_cast<double>(entries_[who].commits));
  checkpoint(most, now);
}

void adsp_policy::evaluated(seconds when, double loss, seconds now) {
  if (!std::isfinite(loss))
    return;
  loss_ = loss;
  if (search_)
    search_->observe(when, loss);
  follow_search(now);
}

void adsp_policy::restored(seconds now) {
  ++revision_;              // the instructions' generation has changed
  options_.overlap = false; // as every worker does from now on
  loss_ = 0;
  loss_at_check_ = 0;
  if (search_ && search_->busy() && !gathering())
    search_->reopen(now);
}

void adsp_policy::follow_search(seconds now) {
  if (!search_ || gathering())
    return;
  const bool probed = search_->probing();
  const auto rate = search_->close(now);
  if (!rate)
    return;
  change_rate(*rate, now);
  if (options_.probe_barrier && (probed || search_->probing()))
    raise_barrier(now);
}

seconds adsp_policy::next_tick() const {
  if (gathering())
    return never;
  return search_ ? std::min(next_check_, search_->deadline()) : next_check_;
}

void adsp_policy::tick(seconds now) {
  if (!started_ || gathering())
    return;
  follow_search(now);
  if (now < next_check_ || gathering())
    return;
  const auto reached = target_;
  search_if_due(now);
  checkpoint(reached, now);
  resettle(now);
}

instruction adsp_policy::instruction_of(worker_id who) const {
  if (!known(who))
    return {};
  const auto& x = entries_[who];
  if (!gathering())
    return {revision_, started_ ? unlimited : 0, 1, x.due};
  // A worker that has arrived at the barrier, or has joined meanwhile, waits at its present count.
  return {revision_, x.gather_at > 0 ? x.gather_at : x.commits, 1, without_delay};
}

void adsp_policy::take_released(std::vector<worker_id>& out) {
  if (!std::exchange(released_, false))
    return;
  for (worker_id who = 0; who < entries_.size(); ++who)
    if (known(who))
      out.push_back(who);
}

policy_status adsp_policy::status(seconds now) const {
  policy_status x;
  x.asynchronous = true;
  x.commit_rate = rate_;
  x.commit_target = target_;
  if (search_) {
    x.searching = search_->probing();
    x.probes = search_->probes();
    x.search_time = gathering() ? search_->search_time(barrier_since_) + now - barrier_since_
                                : search_->search_time(now);
  }
  return x;
}

} // namespace adsp::sync
