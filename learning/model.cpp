// Makes models from their options.
#include "learning/model.hpp"

#include "learning/dense_stack.hpp"
#include "learning/linear_svm.hpp"
#include "learning/lstm.hpp"
#include "learning/quadratic.hpp"

#include <cmath>
#include <stdexcept>

namespace adsp::learning {

namespace {

/// 4 GiB of floats; a larger one is a slip of the config.
constexpr std::uint64_t max_parameters = std::uint64_t{1} << 30;

void check(const std::vector<std::size_t>& widths) {
  std::uint64_t total = 0;
  for (std::size_t i = 0; i + 1 < widths.size(); ++i) {
    if (widths[i] == 0)
      throw std::invalid_argument("a layer of the model is empty; every entry of model.hidden and "
                                  "the number of features must be above 0");
    // Neither the product nor the sum wraps: both factors are bounded before they meet.
    if (widths[i] > max_parameters || widths[i + 1] > max_parameters ||
        (total += (widths[i] + 1) * widths[i + 1]) > max_parameters)
      throw std::invalid_argument("the model has more than " + std::to_string(max_parameters) +
                                  " parameters; make model.hidden smaller");
  }
}

} // namespace

std::unique_ptr<model> make_model(const model_options& x, std::size_t features,
                                  std::int32_t classes) {
  if (x.kind == "quadratic")
    return std::make_unique<quadratic>(features, x.condition);
  const bool layered = x.kind == "mlp" || x.kind == "lstm";
  if (!layered && x.kind != "softmax" && x.kind != "linear_svm")
    throw std::invalid_argument(
        "model.kind is \"" + x.kind +
        "\", expected \"softmax\", \"mlp\", \"lstm\", \"linear_svm\" or \"quadratic\"");
  if (classes < 2)
    throw std::invalid_argument("a model needs at least 2 classes, found " +
                                std::to_string(classes));
  if (layered && x.hidden.empty())
    throw std::invalid_argument("model.hidden is empty; name the units of at least one layer, or "
                                "set model.kind to \"softmax\"");
  if (!(x.weight_decay >= 0) || !std::isfinite(x.weight_decay))
    throw std::invalid_argument("model.weight_decay must be finite and not negative, found " +
                                std::to_string(x.weight_decay));
  std::vector<std::size_t> widths = {features};
  if (layered)
    widths.insert(widths.end(), x.hidden.begin(), x.hidden.end());
  widths.push_back(static_cast<std::size_t>(classes));
  check(widths);
  if (x.kind == "linear_svm")
    return std::make_unique<linear_svm>(features, widths.back(), x.weight_decay);
  if (x.kind != "lstm")
    return std::make_unique<dense_stack>(widths, x.weight_decay);
  widths.erase(widths.begin());
  check({widths.front() + 1, 4 * widths.front()}); // the four gates
  return std::make_unique<lstm>(features, widths, x.weight_decay);
}

evaluation_sums evaluate_range(model& x, std::span<const float> parameters, const dataset& data,
                               std::size_t first, std::size_t count, minibatch& slice) {
  slice.features =
      data.features.middleCols(static_cast<Eigen::Index>(first), static_cast<Eigen::Index>(count));
  const auto begin = data.labels.begin() + static_cast<std::ptrdiff_t>(first);
  slice.labels.assign(begin, begin + static_cast<std::ptrdiff_t>(count));
  return x.evaluate(parameters, slice);
}

} // namespace adsp::learning
