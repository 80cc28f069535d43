// The weighted mean of a round's updates.
#pragma once

#include "actors/server/rules/passes.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

namespace adsp {

/// An update of n steps has the weight n^exponent.
class round_mean {
public:
  round_mean(double exponent, std::size_t size) : exponent_{exponent}, sum_(size) {}

  /// False, and nothing changes, if the update is not finite.
  bool take(const commit_step& step) {
    const auto weight =
        std::pow(static_cast<double>(std::max<std::uint64_t>(1, step.steps)), exponent_);
    if (!add(sum_, static_cast<float>(weight), step.update))
      return false;
    weight_ += weight;
    return true;
  }

  /// Factor that makes the mean of `sum`.
  float share() const { return static_cast<float>(1 / weight_); }
  std::vector<float>& sum() { return sum_; }
  const std::vector<float>& sum() const { return sum_; }
  double weight() const { return weight_; }
  void set_weight(double of_sum) { weight_ = of_sum; }

  void reset() {
    std::ranges::fill(sum_, 0.0F);
    weight_ = 0;
  }

private:
  double exponent_;
  std::vector<float> sum_; ///< of the weighted updates since the last step
  double weight_ = 0;      ///< of these updates
};

} // namespace adsp
