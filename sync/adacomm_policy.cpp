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
    tau_ = next_tau_;
}

void adacomm_policy::reported(worker_id who, const progress& x, seconds) {
  if (gate_.advance(who, x.commits))
    tau_ = next_tau_;
}

void adacomm_policy::evaluated(seconds, double loss, seconds) {
  if (!std::isfinite(loss) || loss <= 0)
    return;
  if (loss_start_ == 0)
    loss_start_ = loss;
  loss_now_ = loss;
}

void adacomm_policy::tick(seconds now) {
  if (now < next_change_)
    return;
  next_change_ += interval_;
  if (loss_start_ > 0)
    next_tau_ = next_local_steps(next_tau_, tau_0_, loss_start_, loss_now_);
}

policy_status adacomm_policy::status() const {
  policy_status x;
  x.local_steps = tau_;
  return x;
}

} // namespace adsp::sync
