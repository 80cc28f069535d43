#include "learning/number_sets.hpp"

#include "learning/number_files.hpp"
#include "learning/random.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace adsp::learning {

namespace {

/// 4 GiB of floats: windows overlap, so that a list takes window times its own memory.
constexpr std::size_t max_window_values = std::size_t{1} << 30;

void check(const data_options& x) {
  if (x.path.empty())
    throw data_error("data.path is empty; set it to the file of numbers, which data.source = \"" +
                     x.source + "\" needs");
  if (x.bins < 2 || x.bins % 2 != 0 || x.bins > 65536)
    throw data_error("data.bins is " + std::to_string(x.bins) +
                     ", expected an even number of at least 2 and at most 65536");
  if (!(x.train_share > 0 && x.train_share < 1))
    throw data_error("data.train_share is " + std::to_string(x.train_share) +
                     ", expected a number above 0 and below 1");
}

/// How many of `count` rows or values are for training.
std::size_t training_part(const data_options& x, std::size_t count) {
  return static_cast<std::size_t>(std::llround(x.train_share * static_cast<double>(count)));
}

/// The bins for targets whose training part is `x`.
density_bins bins_for(const data_options& options, std::span<const double> x) {
  density_bins result{moments::of(x), options.bins};
  if (result.normal.deviation == 0)
    throw data_error(options.path + ": all training values of the target are equal; expected "
                                    "values to tell apart");
  return result;
}

/// How many of `count` samples a limit leaves.
std::size_t limited(std::size_t count, std::uint32_t limit) {
  return limit == 0 ? count : std::min<std::size_t>(count, limit);
}

dataset empty_set(std::size_t features, std::size_t samples, std::uint32_t bins) {
  dataset result;
  result.features.resize(static_cast<Eigen::Index>(features), static_cast<Eigen::Index>(samples));
  result.labels.resize(samples);
  result.classes = static_cast<std::int32_t>(bins);
  result.input = flat(static_cast<std::ptrdiff_t>(features));
  return result;
}

/// The table of enough rows, with the target first.
number_table read_table(const data_options& x) {
  check(x);
  if (x.target.empty())
    throw data_error("data.target is empty; set it to the column to predict");
  if (std::find(x.features.begin(), x.features.end(), x.target) != x.features.end())
    throw data_error("data.features has \"" + x.target +
                     "\", which is data.target; expected other columns");
  auto result = read_csv(x.path, x.target, x.features);
  if (result.names.size() < 2)
    throw data_error(x.path + ": has only the target's column; expected at least one feature");
  const auto training = training_part(x, result.rows());
  if (training < 2 || training == result.rows())
    throw data_error(x.path + ": has " + std::to_string(result.rows()) +
                     " rows, expected at least 2 to train and 1 to test, with data.train_share " +
                     std::to_string(x.train_share));
  return result;
}

/// Rows in the order of the split: a shuffle that is the same for every job.
std::vector<std::size_t> shuffled(std::size_t rows) {
  std::vector<std::size_t> result(rows);
  std::iota(result.begin(), result.end(), std::size_t{0});
  generator random(1, "split");
  for (auto i = rows; i > 1; --i)
    std::swap(result[i - 1], result[random.below(i)]);
  return result;
}

/// Windows of `values` and the classes of what follows them.
dataset windows(std::span<const double> values, std::size_t window, std::uint32_t limit,
                const density_bins& bins) {
  const auto samples = limited(values.size() - window, limit);
  if (samples > max_window_values / window)
    throw data_error(
        "data.window " + std::to_string(window) + " makes " + std::to_string(samples) +
        " windows of more than " + std::to_string(max_window_values) +
        " values in all; make it smaller, or set data.train_limit and data.test_limit");
  auto result = empty_set(window, samples, bins.bins);
  result.input = {static_cast<std::ptrdiff_t>(window), 1, 1};
  for (std::size_t i = 0; i < result.size(); ++i) {
    for (std::size_t k = 0; k < window; ++k)
      result.features(static_cast<Eigen::Index>(k), static_cast<Eigen::Index>(i)) =
          static_cast<float>(bins.normal.standardised(values[i + k]));
    result.labels[i] = bins(values[i + window]);
  }
  return result;
}

void check_finite(const data_options& x, const dataset& data) {
  if (!data.features.allFinite())
    throw data_error(x.path +
                     ": a value is further from the mean of the training part than a float "
                     "counts in standard deviations; remove it");
}

} // namespace

moments moments::of(std::span<const double> x) {
  if (x.empty() || std::all_of(x.begin(), x.end(), [&](double y) { return y == x.front(); }))
    return {x.empty() ? 0 : x.front(), 0};
  moments result;
  const auto count = static_cast<double>(x.size());
  result.mean = std::accumulate(x.begin(), x.end(), 0.0) / count;
  double squares = 0;
  for (auto y : x)
    squares += (y - result.mean) * (y - result.mean);
  result.deviation = std::sqrt(squares / count);
  return result;
}

std::int32_t density_bins::operator()(double x) const {
  const auto half = static_cast<std::int32_t>(bins / 2);
  const auto z = normal.standardised(x);
  // pdf(x) / ref: the factors of the density that do not depend on x cancel.
  const auto step = std::min(static_cast<std::int32_t>(half * std::exp(-z * z / 2)), half - 1);
  return z < 0 ? step : 2 * half - 1 - step;
}

train_and_test load_csv(const data_options& x) {
  const auto table = read_table(x);
  const auto width = table.names.size();
  const auto training = training_part(x, table.rows());
  const auto order = shuffled(table.rows());
  std::vector<double> values(order.size()); // of one column
  auto read_column = [&](std::size_t column) {
    for (std::size_t i = 0; i < order.size(); ++i)
      values[i] = table.cells[order[i] * width + column];
    return std::span<const double>(values).first(training);
  };
  train_and_test result;
  result.train = empty_set(width - 1, limited(training, x.train_limit), x.bins);
  result.test = empty_set(width - 1, limited(order.size() - training, x.test_limit), x.bins);
  const auto bins = bins_for(x, read_column(0));
  std::transform(values.begin(), values.begin() + std::ssize(result.train.labels),
                 result.train.labels.begin(), bins);
  const auto first_test = values.begin() + static_cast<std::ptrdiff_t>(training);
  std::transform(first_test, first_test + std::ssize(result.test.labels),
                 result.test.labels.begin(), bins);
  for (std::size_t column = 1; column < width; ++column) {
    const auto scale = moments::of(read_column(column));
    auto fill = [&](dataset& into, const double* from) {
      for (auto& feature : into.features.row(static_cast<Eigen::Index>(column) - 1))
        feature = static_cast<float>(scale.standardised(*from++));
    };
    fill(result.train, values.data());
    fill(result.test, values.data() + training);
  }
  check_finite(x, result.train);
  check_finite(x, result.test);
  return result;
}

train_and_test load_series(const data_options& x) {
  check(x);
  const auto values = read_numbers(x.path);
  const auto training = training_part(x, values.size());
  const auto smaller = std::min(training, values.size() - training);
  if (x.window == 0 || smaller <= x.window)
    throw data_error(x.path + ": has " + std::to_string(training) + " values to train and " +
                     std::to_string(values.size() - training) + " to test, found data.window " +
                     std::to_string(x.window) +
                     "; expected a window of at least 1 and shorter than both parts");
  const auto part = std::span(values).first(training);
  const auto bins = bins_for(x, part);
  train_and_test result;
  result.train = windows(part, x.window, x.train_limit, bins);
  result.test = windows(std::span(values).subspan(training), x.window, x.test_limit, bins);
  check_finite(x, result.train);
  check_finite(x, result.test);
  return result;
}

} // namespace adsp::learning
