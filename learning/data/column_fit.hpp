// Fits the scales of columns to training values.
#pragma once

#include "learning/data/data_options.hpp"
#include "learning/data/preprocessing.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <string>

namespace adsp::learning {

/// Fits one column in two passes over its values: `add` each value, call `prepare`, `add_square`
/// each value, then `fit`.
class column_fit {
public:
  void add(double value) {
    if (std::isnan(value)) // missing
      return;
    sum_ += value;
    ++count_;
    low_ = std::min(low_, value);
    high_ = std::max(high_, value);
  }

  /// After the first pass.
  void prepare() { mean_ = low_ == high_ ? low_ : sum_ / static_cast<double>(count_); }

  void add_square(double value) {
    if (!std::isnan(value))
      squares_ += (value - mean_) * (value - mean_);
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

/// Fits a column to all its training values as data.scale says. Throws `data_error` if they are all
/// equal.
void fit_column(const data_options& options, std::span<const double> values, table_column& into);

/// Fits the target of task "bins", or of a regression with data.scale_target, to all training
/// values. Throws `data_error` if all values are equal but must differ.
void fit_target(const data_options& options, std::span<const double> values, preprocessing& into);

} // namespace adsp::learning
