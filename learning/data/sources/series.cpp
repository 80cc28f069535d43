#include "learning/data/column_fit.hpp"
#include "learning/data/sources/number_sets.hpp"
#include "learning/data/text/content_sum.hpp"
#include "learning/data/text/number_files.hpp"
#include "learning/data_error.hpp"

#include <algorithm>

namespace adsp::learning {

namespace {

/// 4 GiB of floats: windows overlap, so that a list takes window times its own memory.
constexpr std::size_t max_window_values = std::size_t{1} << 30;

/// Windows of `values` and the classes or values of what follows them.
dataset windows(const data_options& x, std::span<const double> values, std::uint32_t limit,
                const preprocessing& fitted) {
  const auto& scale = fitted.columns.front();
  const std::size_t window = x.window;
  const auto samples = limited(values.size() - window - x.horizon + 1, limit);
  if (samples > max_window_values / window)
    throw data_error(
        "data.window " + std::to_string(window) + " makes " + std::to_string(samples) +
        " windows of more than " + std::to_string(max_window_values) +
        " values in all; make it smaller, or set data.train_limit and data.test_limit");
  dataset result;
  result.input = {static_cast<std::ptrdiff_t>(window), 1, 1};
  result.classes = static_cast<std::int32_t>(fitted.bins);
  result.features.resize(static_cast<Eigen::Index>(window), static_cast<Eigen::Index>(samples));
  const density_bins bins{{fitted.target.offset, fitted.target.divisor}, fitted.bins};
  for (std::size_t i = 0; i < samples; ++i) {
    auto* sample = result.features.col(static_cast<Eigen::Index>(i)).data();
    for (std::size_t k = 0; k < window; ++k)
      sample[k] = scale.scaled(values[i + k]);
    const auto target = values[i + window + x.horizon - 1];
    if (fitted.task == "regression")
      result.values.push_back(fitted.target.scaled(target));
    else
      result.labels.push_back(bins(target));
  }
  return result;
}

/// Fits the scale of the values to those that train.
preprocessing fitted_to(const data_options& x, std::span<const double> part) {
  preprocessing result;
  result.task = task_of(x);
  table_column column;
  column.name = "value";
  fit_column(x, part, column);
  result.columns.push_back(column);
  result.target.name = column.name;
  fit_target(x, part, result);
  return result;
}

file_mark mark_of(std::span<const double> values) {
  content_sum sum;
  sum.add(values.data(), values.size_bytes());
  return {values.size(), sum.value()};
}

/// The values of both parts, the training one first.
struct parts {
  std::vector<double> values;
  std::size_t training = 0;

  std::span<const double> train() const { return std::span(values).first(training); }
  std::span<const double> test() const { return std::span(values).subspan(training); }
};

parts read_parts(const data_options& x) {
  check_number_options(x);
  if (task_of(x) == "classification")
    throw data_error("data.task is \"classification\", expected \"bins\" or \"regression\" for "
                     "data.source = \"series\"");
  parts result{read_numbers(x.path)};
  const auto count = result.values.size();
  const auto training = training_part(x, count);
  result.training = training;
  // Without a part to train, all of them test.
  const auto smaller = training == 0 ? count : std::min(training, count - training);
  const auto needed = std::uint64_t{x.window} + x.horizon;
  if (x.window == 0 || x.horizon == 0 || smaller < needed)
    throw data_error(x.path + ": has " + std::to_string(training) + " values to train and " +
                     std::to_string(count - training) + " to test, found data.window " +
                     std::to_string(x.window) + " and data.horizon " + std::to_string(x.horizon) +
                     "; expected both at least 1 and their sum at most either part");
  return result;
}

} // namespace

train_and_test load_series(const data_options& x) {
  const auto values = read_parts(x);
  train_and_test result;
  result.prepared = fitted_to(x, values.train());
  result.prepared.file = mark_of(values.values);
  result.train = windows(x, values.train(), x.train_limit, result.prepared);
  result.test = windows(x, values.test(), x.test_limit, result.prepared);
  check_finite(x, result.train);
  check_finite(x, result.test);
  return result;
}

dataset load_series_test(const data_options& x, const preprocessing& saved) {
  const auto values = read_parts(x);
  check_same_file(x, saved.file, mark_of(values.values));
  auto result = windows(x, values.test(), x.test_limit, saved);
  check_finite(x, result);
  return result;
}

} // namespace adsp::learning
