// A list of numbers: predicts the class or value of the number `horizon` places after a window. The
// first values train, the others test; no window has values of both. Mean and deviation are those
// of all training values.
#include "learning/data/column_fit.hpp"
#include "learning/data/density_bins.hpp"
#include "learning/data/sources/data_source.hpp"
#include "learning/data/sources/split.hpp"
#include "learning/data/text/cell_text.hpp"
#include "learning/data/text/content_sum.hpp"
#include "learning/data/text/number_files.hpp"
#include "learning/data/text/text_blocks.hpp"
#include "learning/data_error.hpp"

#include <algorithm>

namespace adsp::learning {

namespace {

/// 4 GiB of floats: windows overlap, so that a list takes `window` times its own memory.
constexpr std::size_t max_window_values = std::size_t{1} << 30;

/// Windows of `values`, with the classes or values to predict from them.
dataset windows(const data_options& options, std::span<const double> values, std::uint32_t limit,
                const preprocessing& fitted) {
  const auto& scale = fitted.columns.front();
  const std::size_t window = options.window;
  const auto samples = limited(values.size() - window - options.horizon + 1, limit);
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
    const auto target = values[i + window + options.horizon - 1];
    if (fitted.task == "regression")
      result.values.push_back(fitted.target.scaled(target));
    else
      result.labels.push_back(bins(target));
  }
  return result;
}

/// Fits the scale of the values to those that train.
preprocessing fitted_to(const data_options& options, std::span<const double> part) {
  preprocessing result;
  result.task = task_of(options);
  table_column column;
  column.name = "value";
  fit_column(options, part, column);
  result.columns.push_back(column);
  result.target.name = column.name;
  fit_target(options, part, result);
  return result;
}

file_mark mark_of(std::span<const double> values) {
  content_sum sum;
  sum.add(values.data(), values.size_bytes());
  return {values.size(), sum.value()};
}

/// The values of both parts, the training one first.
struct series_parts {
  std::vector<double> values;
  std::size_t training = 0;

  std::span<const double> train() const { return std::span(values).first(training); }
  std::span<const double> test() const { return std::span(values).subspan(training); }
};

series_parts read_parts(const data_options& options) {
  check_number_options(options);
  if (task_of(options) == "classification")
    throw data_error("data.task is \"classification\", expected \"bins\" or \"regression\" for "
                     "data.source = \"series\"");
  series_parts result{read_numbers(options.path)};
  const auto count = result.values.size();
  const auto training = training_part(options, count);
  result.training = training;
  // Without a training part, all values test.
  const auto smaller = training == 0 ? count : std::min(training, count - training);
  const auto needed = std::uint64_t{options.window} + options.horizon;
  if (options.window == 0 || options.horizon == 0 || smaller < needed)
    throw data_error(options.path + ": has " + counted(training, "value") + " to train and " +
                     std::to_string(count - training) + " to test, found data.window " +
                     std::to_string(options.window) + " and data.horizon " +
                     std::to_string(options.horizon) +
                     "; expected both at least 1 and their sum at most either part");
  return result;
}

train_and_test load_windows(const data_options& options, parts) {
  const auto values = read_parts(options);
  train_and_test result;
  result.prepared = fitted_to(options, values.train());
  result.prepared.file = mark_of(values.values);
  result.train = windows(options, values.train(), options.train_limit, result.prepared);
  result.test = windows(options, values.test(), options.test_limit, result.prepared);
  check_finite(options, result.train);
  check_finite(options, result.test);
  return result;
}

dataset load_test_windows(const data_options& options, const fitted_data& fitted) {
  if (fitted.prepared.columns.size() != 1)
    throw data_error(not_prepared);
  const auto values = read_parts(options);
  check_same_file(options, fitted.prepared.file, mark_of(values.values));
  auto result = windows(options, values.test(), options.test_limit, fitted.prepared);
  check_finite(options, result);
  return result;
}

/// Not every number of the file is in a sample: the last ones are only predicted, and may be
/// anything. So the number that was found is looked for.
void refuse_line(const data_options&, const preprocessing&, const std::string& file,
                 const wrong_number& wrong) {
  text_lines lines(file);
  while (const auto line = lines.next()) {
    const auto text = trimmed(*line);
    if (const auto value = number_of(text); value && static_cast<float>(*value) == wrong.found)
      lines.fail("found " + shown(text) + ", expected " + wrong.expected);
  }
}

} // namespace

data_source series_source() {
  return {.name = "series",
          .path = "the file of the numbers",
          .keys = {"path", "train_limit", "test_limit", "class_weights", "task", "bins",
                   "train_share", "scale", "scale_target", "window", "horizon"},
          .tasks = {"bins", "regression"},
          .tokens = true,
          .item = "number",
          .load = load_windows,
          .load_test = load_test_windows,
          .refuse_number = refuse_line};
}

} // namespace adsp::learning
