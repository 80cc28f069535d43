// Decides when the target is reached: one rule for every policy.
#pragma once

#include "sync/types.hpp"

#include <algorithm>
#include <optional>
#include <vector>

namespace adsp::sync {

struct stop_options {
  double target_loss = 0; ///< reached when the mean of `window` losses is at or below it; 0: none
  double target_accuracy = 0; ///< the same for a mean at or above it; 0: none
  std::uint32_t window = 5;   ///< consecutive evaluations averaged; 0 means 1
};

class stop_rule {
public:
  explicit stop_rule(const stop_options& x) : options_{x} {
    options_.window = std::max(1u, options_.window);
  }

  /// Takes the next evaluation; true when a target is reached for the first time.
  bool evaluated(seconds when, double loss, double accuracy);

  /// When a target was reached first.
  std::optional<seconds> time_to_target() const { return reached_; }

private:
  struct sample {
    double loss;
    double accuracy;
  };

  stop_options options_;
  std::vector<sample> last_; ///< at most `window`, oldest first
  std::optional<seconds> reached_;
};

} // namespace adsp::sync
