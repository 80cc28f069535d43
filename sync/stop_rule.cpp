#include "sync/stop_rule.hpp"

namespace adsp::sync {

bool stop_rule::evaluated(seconds when, double loss, double accuracy) {
  if (last_.size() == options_.window)
    last_.erase(last_.begin());
  last_.push_back({loss, accuracy});
  if (reached_ || last_.size() < options_.window)
    return false;
  double mean_loss = 0;
  double mean_accuracy = 0;
  for (const auto& x : last_) {
    mean_loss += x.loss / options_.window;
    mean_accuracy += x.accuracy / options_.window;
  }
  const bool low = options_.target_loss > 0 && mean_loss <= options_.target_loss;
  const bool high = options_.target_accuracy > 0 && mean_accuracy >= options_.target_accuracy;
  if (low || high)
    reached_ = when;
  return reached_.has_value();
}

} // namespace adsp::sync
