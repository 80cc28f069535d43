#include "sync/neighbour_search.hpp"

#include <cmath>
#include <utility>

namespace adsp::sync {

void neighbour_search::begin(double rate, seconds now) {
  reopen(now); // a probe may be under way
  rate_ = rate;
  turned_ = false;
  phase_ = phase::before;
  choose_candidate();
}

std::optional<double> neighbour_search::close(seconds now) {
  if (!busy() || !window_.over(now))
    return std::nullopt;
  const auto found = reward_(window_.samples());
  if (probing())
    count_probe(now);
  window_.open_next(now);
  switch (phase_) {
  case phase::idle:
    return std::nullopt;
  case phase::before:
    before_ = found;
    // Probes only if their share of the job's time stays within `share_`.
    if (search_time(now) + window_.length() <= share_ * now)
      phase_ = phase::probe;
    break;
  case phase::probe:
    probed_ = found;
    phase_ = phase::after;
    break;
  case phase::after:
    before_ = mean(before_, found);
    judge();
    break;
  }
  return rate();
}

void neighbour_search::judge() {
  phase_ = phase::before;
  // A window without a usable reward is no evidence against the present rate.
  if (std::isfinite(before_.value) && surely_better(probed_, before_)) {
    rate_ = candidate_;
    turned_ = false;
    choose_candidate();
  } else {
    turn_round();
  }
}

void neighbour_search::choose_candidate() {
  candidate_ = rate_ * factor_;
  if (candidate_ > max_rate_ || candidate_ < 1 / max_rate_)
    turn_round();
}

void neighbour_search::turn_round() {
  factor_ = 1 / factor_;
  if (std::exchange(turned_, true))
    phase_ = phase::idle;
  else
    choose_candidate();
}

} // namespace adsp::sync
