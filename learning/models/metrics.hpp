// The quality of predictions, beyond a single number.
#pragma once

#include <Eigen/Core>

#include <cstdint>
#include <limits>

namespace adsp::learning {

/// How often each label was predicted as each: rows are the true labels, columns the predictions.
class confusion_matrix {
public:
  explicit confusion_matrix(std::int32_t classes) { counts_.setZero(classes, classes); }

  /// Both labels are at least 0 and below the number of classes.
  void add(std::int32_t label, std::int32_t predicted) { ++counts_(label, predicted); }

  std::uint64_t count(std::int32_t label, std::int32_t predicted) const {
    return counts_(label, predicted);
  }
  std::int32_t classes() const { return static_cast<std::int32_t>(counts_.rows()); }

  /// Of the samples predicted as the class, the share that belongs to it; NaN if there are none, as
  /// below.
  double precision(std::int32_t x) const { return ratio(counts_(x, x), counts_.col(x).sum()); }

  /// Of the samples of the class, the share that is predicted as such.
  double recall(std::int32_t x) const { return ratio(counts_(x, x), counts_.row(x).sum()); }

private:
  static double ratio(std::uint64_t part, std::uint64_t whole) {
    return whole == 0 ? std::numeric_limits<double>::quiet_NaN()
                      : static_cast<double>(part) / static_cast<double>(whole);
  }

  Eigen::Matrix<std::uint64_t, Eigen::Dynamic, Eigen::Dynamic> counts_;
};

} // namespace adsp::learning
