// `adsp evaluate`: a saved model on the test data.
#include "apps/cli/commands.hpp"
#include "apps/cli/lines.hpp"
#include "apps/model/model_file.hpp"

#include "learning/data/sources/data_source.hpp"
#include "learning/data/sources/load.hpp"
#include "learning/data/text/cell_text.hpp"
#include "learning/data_error.hpp"
#include "learning/models/metrics.hpp"
#include "learning/models/model.hpp"
#include "learning/models/tokens.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <system_error>

namespace adsp::apps {

namespace {

/// Samples evaluated at once.
constexpr std::size_t slice_size = 1000;

/// Most classes of a confusion matrix; its memory grows with their square.
constexpr std::int32_t most_classes = 1000;

/// Most classes of a printed matrix; a larger one would be unreadable.
constexpr std::int32_t most_columns = 30;

/// Most characters of a class's name.
constexpr std::size_t longest_name = 40;

struct findings {
  learning::evaluation_sums sums;
  learning::confusion_matrix confusion{0}; ///< empty: none was made
};

findings evaluate_all(learning::model& model, const saved_model& saved,
                      const learning::dataset& data, const evaluate_arguments& arguments) {
  findings found;
  const bool counted =
      saved.model.kind != "quadratic" && data.classes > 0 && data.classes <= most_classes;
  if (counted)
    found.confusion = learning::confusion_matrix{data.classes};
  learning::minibatch slice;
  Eigen::MatrixXf scores;
  for (std::size_t first = 0; first < data.size(); first += slice_size) {
    found.sums += learning::evaluate_range(model, saved.parameters, data, first,
                                           std::min(slice_size, data.size() - first), slice);
    model.predict(saved.parameters, slice.features, scores);
    const auto& file = learning::tested_file(saved.data).empty()
                           ? saved.data.source
                           : learning::tested_file(saved.data);
    require_finite(model, saved, slice.features, scores, arguments.model, [&](auto i) {
      return fmt::format("{}: sample {} of the test data", file,
                         first + static_cast<std::size_t>(i) + 1);
    });
    if (!std::isfinite(found.sums.loss))
      throw std::runtime_error{
          fmt::format("{}: the model's loss on {} is not a number; the data are too far from the "
                      "training values, or its training has diverged",
                      arguments.model, file)};
    if (!counted)
      continue;
    for (Eigen::Index i = 0; i < scores.cols(); ++i) {
      const auto* begin = scores.col(i).data();
      const auto best = std::max_element(begin, begin + scores.rows()) - begin;
      found.confusion.add(slice.labels[static_cast<std::size_t>(i)],
                          static_cast<std::int32_t>(best));
    }
  }
  return found;
}

/// A share in percent; "-" where there are no samples.
std::string percent(double x) {
  return std::isnan(x) ? "-" : fmt::format("{:.2f} %", 100 * x);
}

void print_confusion(const learning::confusion_matrix& confusion,
                     const learning::preprocessing& names) {
  const auto name = [&](std::int32_t label, std::size_t most) {
    return learning::printable(names.name_of(label), most);
  };
  fmt::print("\n{:<20} {:>10} {:>10}\n", "class", "precision", "recall");
  for (std::int32_t i = 0; i < confusion.classes(); ++i)
    fmt::print("{:<20} {:>10} {:>10}\n", name(i, longest_name), percent(confusion.precision(i)),
               percent(confusion.recall(i)));
  if (confusion.classes() > most_columns)
    return;
  fmt::print("\nsamples of each class (rows) predicted as each (columns)\n{:<20}", "");
  for (std::int32_t i = 0; i < confusion.classes(); ++i)
    fmt::print(" {:>6}", name(i, 6));
  fmt::print("\n");
  for (std::int32_t i = 0; i < confusion.classes(); ++i) {
    fmt::print("{:<20}", name(i, longest_name));
    for (std::int32_t j = 0; j < confusion.classes(); ++j)
      fmt::print(" {:>6}", confusion.count(i, j));
    fmt::print("\n");
  }
}

void print_findings(const findings& found, const saved_model& saved) {
  const auto& sums = found.sums;
  const auto samples = static_cast<double>(sums.samples);
  fmt::print("samples   {}\nloss      {:.4g}\n", sums.samples, sums.loss / samples);
  if (saved.classes == 0) { // in the units of the file
    const auto unit = std::abs(saved.prepared.target.divisor);
    fmt::print("RMSE      {:.4g}\nMAE       {:.4g}\n",
               unit * std::sqrt(sums.squared_error / samples),
               unit * sums.absolute_error / samples);
    return;
  }
  fmt::print("accuracy  {:.2f} %\n", 100 * static_cast<double>(sums.correct) / samples);
  if (found.confusion.classes() > 0)
    print_confusion(found.confusion, saved.prepared);
}

/// Makes all rows of a file test samples; of a folder, its test files.
void use_all_of(const std::string& path, learning::data_options& options) {
  options.path = path;
  options.test_path.clear();
  options.train_share = 0;
  options.test_limit = 0;
}

/// Loads the test data. If the job's file is gone, the error says what to do.
learning::dataset loaded(const evaluate_arguments& arguments, const saved_model& saved) try {
  return learning::load_test(saved.data, saved.prepared, saved.input, saved.classes);
} catch (const learning::data_error& error) {
  const std::filesystem::path file = learning::tested_file(saved.data);
  std::error_code none;
  if (arguments.data || file.empty() || std::filesystem::exists(file, none))
    throw;
  throw learning::data_error(
      fmt::format("{}; {}name a file with --data", error.what(),
                  file.is_relative() ? "run this in the folder where the job has run, or " : ""));
}

/// The test data that the arguments ask for, checked to fit the model.
learning::dataset test_data(const evaluate_arguments& arguments, saved_model& saved) {
  if (arguments.data && saved.model.kind == "quadratic")
    throw std::invalid_argument{arguments.model +
                                ": a quadratic has no data but its own, expected no --data"};
  if (arguments.data)
    use_all_of(*arguments.data, saved.data);
  auto data = loaded(arguments, saved);
  const auto input = learning::input_of(data);
  if (input != saved.input || data.classes != saved.classes)
    throw std::invalid_argument{fmt::format(
        "{}: the model takes samples of {} and tells {} classes apart, the data "
        "has {} and {}; name the right data with --data",
        arguments.model, to_string(saved.input), saved.classes, to_string(input), data.classes)};
  learning::check_tokens(saved.model, saved.data, saved.prepared, data);
  return data;
}

} // namespace

int evaluate_command(const evaluate_arguments& arguments) {
  saved_model saved;
  findings found;
  try {
    // An error here is caused by something named on the command line.
    saved = load_model(arguments.model);
    const auto data = test_data(arguments, saved);
    const auto model = make_model(saved, arguments.model);
    found = evaluate_all(*model, saved, data, arguments);
  } catch (const std::exception& error) {
    log_line(error.what());
    return bad_input;
  }
  print_findings(found, saved);
  return success;
}

} // namespace adsp::apps
