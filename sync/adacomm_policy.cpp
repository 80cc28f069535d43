#include "sync/adacomm_policy.hpp"

#include <algorithm>
#include <cmath>

namespace adsp::sync {

std::uint32_t next_local_steps(std::uint32_t tau, std::uint32_t tau_0, double loss_start,
                               double loss_now) {
  const auto scaled = std::ceil(std::sqrt(loss_now / loss_start) * tau_0);
  if (scaled < tau)
    return std::max(1u, static_cast<std::uint32_t>(scaled));
  return std::max(1u, (tau + 1) / 2);
}

void adacomm_policy::start(seconds now) {
  gate_.start();
  next_change_ = now + interval_;
}

void adacomm_policy::left(worker_id who, seconds) {
  if (gate_.leave(who))
    round_over();
}

void adacomm_policy::reported(worker_id who, const progress& done, seconds) {
  take_loss(who, done);
  if (gate_.advance(who, done.commits))
    round_over();
}

void adacomm_policy::round_over() {
  tau_ = next_tau_;
  first_round_ = false;
  if (loss_start_ == 0)
    loss_start_ = mean_loss();
}

void adacomm_policy::take_loss(worker_id who, const progress& done) {
  if (!gate_.known(who))
    return;
  if (seen_.size() <= who)
    seen_.resize(std::size_t{who} + 1);
  if (done.steps <= seen_[who].steps)
    return;
  const auto added = done - seen_[who];
  // A loss that is not finite would stay in every later sum, and tau would never change again.
  if (!std::isfinite(added.loss_sum))
    return;
  interval_total_ += added;
  seen_[who] = done;
}

double adacomm_policy::mean_loss() const {
  const auto mean = interval_total_.loss_sum / static_cast<double>(interval_total_.steps);
  return std::isfinite(mean) && mean > 0 ? mean : 0;
}

void adacomm_policy::tick(seconds now) {
  if (now < next_change_)
    return;
  next_change_ += interval_;
  if (first_round_)
    return;
  const auto loss_now = mean_loss();
  if (loss_start_ > 0 && loss_now > 0)
    next_tau_ = next_local_steps(next_tau_, tau_0_, loss_start_, loss_now);
  interval_total_ = {};
}

policy_status adacomm_policy::status(seconds) const {
  policy_status x;
  x.local_steps = tau_;
  return x;
}

} // namespace adsp::sync
