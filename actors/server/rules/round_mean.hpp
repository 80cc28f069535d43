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

  /// The same for rounds that differ in how many updates they have: not above 1 / the usual weight
  /// of a round. So a round of few updates, which have much noise, moves less, and an update does
  /// not count more because others came too late. Called once a round.
  float steady_share() {
    ++rounds_;
    usual_ += (weight_ - usual_) / std::min(static_cast<double>(rounds_), remembered);
    return static_cast<float>(1 / std::max(weight_, usual_));
  }

  /// What `load` restores, for a checkpoint.
  std::vector<double> numbers() const { return {weight_, usual_, static_cast<double>(rounds_)}; }
  static constexpr std::size_t number_count = 3;

  /// The first three of `saved`.
  void load(const std::vector<double>& saved) {
    weight_ = saved[0];
    usual_ = saved[1];
    rounds_ = static_cast<std::uint64_t>(saved[2]);
  }

  std::vector<float>& sum() { return sum_; }
  const std::vector<float>& sum() const { return sum_; }

  /// The sum has been used, and is zero.
  void begin_round() { weight_ = 0; }

  void reset() {
    std::ranges::fill(sum_, 0.0F);
    weight_ = usual_ = 0;
    rounds_ = 0;
  }

private:
  static constexpr double remembered = 30; ///< rounds in the usual weight

  double exponent_;
  std::vector<float> sum_; ///< of the weighted updates since the last step
  double weight_ = 0;      ///< of these updates
  double usual_ = 0;       ///< mean weight of the latest rounds
  std::uint64_t rounds_ = 0;
};

} // namespace adsp
