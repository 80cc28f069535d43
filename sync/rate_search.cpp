#include "sync/rate_search.hpp"

#include <cmath>

namespace adsp::sync {

void rate_search::begin(seconds now) {
  searching_ = true;
  rate_ = 1;
  began_ = now;
  best_reward_ = -1; // the first probe has none before it to be better than
  samples_.clear();
}

void rate_search::observe(seconds when, double loss) {
  if (searching_ && std::isfinite(loss) && when >= began_)
    samples_.push_back({when - began_, loss});
}

std::optional<double> rate_search::close(seconds now) {
  if (!searching_)
    return std::nullopt;
  const bool complete = !samples_.empty() && samples_.back().when >= window_;
  if (!complete && now < deadline())
    return std::nullopt;
  ++probes_;
  search_time_ += now - began_;
  const auto found = reward(samples_, reference_loss_);
  const bool better = found > best_reward_;
  if (better && rate_ < max_rate_) {
    best_reward_ = found;
    ++rate_;
  } else {
    searching_ = false;
    if (!better && rate_ > 1)
      --rate_; // the one before was the best: rewards had grown up to it
  }
  began_ = now;
  // The loss that closed this window opens the next one.
  if (complete) {
    const auto last = samples_.back().loss;
    samples_.assign(1, {0, last});
  } else {
    samples_.clear();
  }
  return rate_;
}

} // namespace adsp::sync
