// Fits a column's scale to training values that come one by one, twice.
#pragma once

#include "learning/preprocessing.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

namespace adsp::learning {

/// First `add` every value, then `add_square` every value, then `fit`.
class column_fit {
public:
  void add(double x) {
    if (std::isnan(x)) // there is none
      return;
    sum_ += x;
    ++count_;
    low_ = std::min(low_, x);
    high_ = std::max(high_, x);
  }

  /// After the first pass.
  void prepare() { mean_ = low_ == high_ ? low_ : sum_ / static_cast<double>(count_); }

  void add_square(double x) {
    if (!std::isnan(x))
      squares_ += (x - mean_) * (x - mean_);
  }

  bool empty() const { return count_ == 0; }
  bool constant() const { return low_ == high_; }

  /// `scale` as in `data_options`.
  void fit(const std::string& scale, table_column& into) const {
    into.fill = mean_;
    if (scale == "none")
      return;
    const bool standard = scale == "standard";
    into.offset = standard ? mean_ : low_;
    into.divisor = constant() ? 0
                   : standard ? std::sqrt(squares_ / static_cast<double>(count_))
                              : high_ - low_;
  }

private:
  double sum_ = 0;
  double squares_ = 0;
  double mean_ = 0;
  double low_ = std::numeric_limits<double>::infinity();
  double high_ = -std::numeric_limits<double>::infinity();
  std::size_t count_ = 0;
};

} // namespace adsp::learning
