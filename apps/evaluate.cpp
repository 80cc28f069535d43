// `adsp evaluate`: a saved model on the test data.
#include "apps/commands.hpp"
#include "apps/inputs.hpp"
#include "apps/model_file.hpp"

#include "learning/metrics.hpp"
#include "learning/model.hpp"
#include "learning/tokens.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string>

namespace adsp::apps {

namespace {

/// Samples evaluated at once.
constexpr std::size_t slice_size = 1000;

/// More classes have no table: it would hold the square of them.
constexpr std::int32_t most_classes = 1000;

/// More classes have no matrix that a person could read.
constexpr std::int32_t most_columns = 30;

struct findings {
  learning::evaluation_sums sums;
  learning::confusion_matrix confusion{0}; ///< empty: none was made
};

findings evaluate_all(learning::model& model, const saved_model& x, const learning::dataset& data,
                      const std::string& path) {
  findings found;
  const bool counted =
      x.model.kind != "quadratic" && data.classes > 0 && data.classes <= most_classes;
  if (counted)
    found.confusion = learning::confusion_matrix{data.classes};
  learning::minibatch slice;
  Eigen::MatrixXf scores;
  for (std::size_t first = 0; first < data.size(); first += slice_size) {
    found.sums += learning::evaluate_range(model, x.parameters, data, first,
                                           std::min(slice_size, data.size() - first), slice);
    model.predict(x.parameters, slice.features, scores);
    require_finite(std::isfinite(found.sums.loss) && scores.allFinite(), path);
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

/// A share in percent; what has no samples has none.
std::string percent(double x) {
  return std::isnan(x) ? "-" : fmt::format("{:.2f} %", 100 * x);
}

void print_confusion(const learning::confusion_matrix& x, const learning::preprocessing& names) {
  fmt::print("\n{:<20} {:>10} {:>10}\n", "class", "precision", "recall");
  for (std::int32_t i = 0; i < x.classes(); ++i)
    fmt::print("{:<20} {:>10} {:>10}\n", names.name_of(i), percent(x.precision(i)),
               percent(x.recall(i)));
  if (x.classes() > most_columns)
    return;
  fmt::print("\nsamples of each class (rows) predicted as each (columns)\n{:<20}", "");
  for (std::int32_t i = 0; i < x.classes(); ++i)
    fmt::print(" {:>6}", names.name_of(i).substr(0, 6));
  fmt::print("\n");
  for (std::int32_t i = 0; i < x.classes(); ++i) {
    fmt::print("{:<20}", names.name_of(i));
    for (std::int32_t j = 0; j < x.classes(); ++j)
      fmt::print(" {:>6}", x.count(i, j));
    fmt::print("\n");
  }
}

void print_findings(const findings& found, const saved_model& x) {
  const auto& sums = found.sums;
  const auto samples = static_cast<double>(sums.samples);
  fmt::print("samples   {}\nloss      {:.4g}\n", sums.samples, sums.loss / samples);
  if (x.classes == 0) { // in the units of the file
    const auto unit = std::abs(x.prepared.target.divisor);
    fmt::print("RMSE      {:.4g}\nMAE       {:.4g}\n",
               unit * std::sqrt(sums.squared_error / samples),
               unit * sums.absolute_error / samples);
    return;
  }
  fmt::print("accuracy  {:.2f} %\n", 100 * static_cast<double>(sums.correct) / samples);
  if (found.confusion.classes() > 0)
    print_confusion(found.confusion, x.prepared);
}

/// Every row of a file tests, those of a folder's test files.
void use_all_of(const std::string& path, learning::data_options& x) {
  x.path = path;
  x.test_path.clear();
  x.train_share = 0;
  x.test_limit = 0;
}

} // namespace

int evaluate_command(const evaluate_arguments& x) try {
  // Whatever goes wrong here is wrong with what was named on the command line.
  auto saved = load_model(x.model);
  if (x.data)
    use_all_of(*x.data, saved.data);
  const auto data = learning::load_test(saved.data, saved.prepared, saved.input, saved.classes);
  const auto input = learning::input_of(data);
  if (input != saved.input || data.classes != saved.classes) {
    print_error(fmt::format(
        "{}: the model takes samples of {} and tells {} classes apart, the data "
        "has {} and {}; name the right data with --data",
        x.model, to_string(saved.input), saved.classes, to_string(input), data.classes));
    return bad_input;
  }
  learning::check_tokens(saved.model, saved.data, data);
  const auto model = make_model(saved, x.model);
  print_findings(evaluate_all(*model, saved, data, x.model), saved);
  return success;
} catch (const std::exception& error) {
  print_error(error.what());
  return bad_input;
}

} // namespace adsp::apps
