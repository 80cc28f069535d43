#include "sync/adsp_policy.hpp"

#include <algorithm>
#include <cmath>

namespace adsp::sync {

namespace {

/// A new search starts when the loss has risen by this factor since the last checkpoint.
constexpr double alarming_rise = 1.3;

} // namespace

adsp_policy::adsp_policy(const options& x) : options_{x}, rate_{x.commit_rate} {
  if (x.search == search_kind::paper)
    search_.emplace(x.probe_window > 0 ? x.probe_window : x.check_period, x.reference_loss,
                    x.max_commit_rate);
}

void adsp_policy::start(seconds now) {
  started_ = true;
  next_epoch_ = search_ ? now : never;
  search_if_due(now);
  checkpoint(0, now);
}

void adsp_policy::joined(worker_id who, seconds now) {
  if (entries_.size() <= who)
    entries_.resize(std::size_t{who} + 1);
  if (!entries_[who].present)
    entries_[who] = {true, course(now), 0, rate_};
  ++revision_;
}

void adsp_policy::left(worker_id who, seconds) {
  if (known(who))
    entries_[who].present = false;
}

void adsp_policy::reported(worker_id who, const progress& x, seconds) {
  if (known(who))
    entries_[who].commits = std::max(entries_[who].commits, x.commits);
}

double adsp_policy::course(seconds now) const {
  if (!started_)
    return 0;
  const auto left = std::clamp((next_check_ - now) / options_.check_period, 0.0, 1.0);
  return target_ - rate_ * left;
}

void adsp_policy::checkpoint(double reached, seconds now) {
  target_ = reached + rate_;
  next_check_ = now + options_.check_period;
  loss_at_check_ = loss_;
  ++revision_;
  released_ = true;
  const auto least = std::min(1.0, rate_);
  for (auto& x : entries_)
    x.due = std::max(least, target_ - (x.baseline + static_cast<double>(x.commits)));
}

void adsp_policy::change_rate(double rate, seconds now) {
  const auto reached = course(now);
  rate_ = rate;
  checkpoint(reached, now);
}

void adsp_policy::search_if_due(seconds now) {
  if (!search_ || search_->searching())
    return;
  const bool rose = loss_at_check_ > 0 && loss_ > alarming_rise * loss_at_check_;
  if (now < next_epoch_ && !rose)
    return;
  while (next_epoch_ <= now)
    next_epoch_ += options_.epoch;
  search_->begin(now);
  if (loss_ > 0)
    search_->observe(now, loss_);
  rate_ = search_->rate();
}

void adsp_policy::evaluated(seconds when, double loss, seconds now) {
  if (!std::isfinite(loss))
    return;
  loss_ = loss;
  if (search_)
    search_->observe(when, loss);
  follow_search(now);
}

void adsp_policy::follow_search(seconds now) {
  if (!search_)
    return;
  if (const auto rate = search_->close(now))
    change_rate(*rate, now);
}

seconds adsp_policy::next_tick() const {
  return search_ ? std::min(next_check_, search_->deadline()) : next_check_;
}

void adsp_policy::tick(seconds now) {
  if (!started_)
    return;
  follow_search(now);
  if (now < next_check_)
    return;
  const auto reached = target_;
  search_if_due(now);
  checkpoint(reached, now);
}

instruction adsp_policy::instruction_of(worker_id who) const {
  if (!known(who))
    return {};
  return {revision_, started_ ? unlimited : 0, 1, entries_[who].due};
}

void adsp_policy::take_released(std::vector<worker_id>& out) {
  if (!std::exchange(released_, false))
    return;
  for (worker_id who = 0; who < entries_.size(); ++who)
    if (entries_[who].present)
      out.push_back(who);
}

policy_status adsp_policy::status() const {
  policy_status x;
  x.commit_rate = rate_;
  x.commit_target = target_;
  if (search_) {
    x.searching = search_->searching();
    x.probes = search_->probes();
    x.search_time = search_->search_time();
  }
  return x;
}

} // namespace adsp::sync
