// `adsp evaluate`: a saved model on the test data.
#include "apps/commands.hpp"
#include "apps/inputs.hpp"
#include "apps/model_file.hpp"

#include "learning/model.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace adsp::apps {

namespace {

/// Samples evaluated at once.
constexpr std::size_t slice_size = 1000;

learning::evaluation_sums evaluate_all(learning::model& model, std::span<const float> parameters,
                                       const learning::dataset& data) {
  learning::evaluation_sums sums;
  learning::minibatch slice;
  for (std::size_t first = 0; first < data.size(); first += slice_size)
    sums += learning::evaluate_range(model, parameters, data, first,
                                     std::min(slice_size, data.size() - first), slice);
  return sums;
}

} // namespace

int evaluate_command(const evaluate_arguments& x) try {
  // Whatever goes wrong here is wrong with what was named on the command line.
  auto saved = load_model(x.model);
  if (x.data)
    saved.data.path = *x.data;
  const auto data = data_from(saved.data);
  if (!data)
    return bad_input;
  const auto features = static_cast<std::uint64_t>(data->test.features.rows());
  if (features != saved.features || data->test.classes != saved.classes) {
    print_error(
        fmt::format("{}: the model takes {} features and tells {} classes apart, the data has "
                    "{} and {}; name the right data with --data",
                    x.model, saved.features, saved.classes, features, data->test.classes));
    return bad_input;
  }
  auto model = learning::make_model(saved.model, learning::input_of(data->test), saved.classes);
  if (model->parameter_count() != saved.parameters.size()) {
    print_error(fmt::format("{}: the file is damaged: {} parameters where its model has {}",
                            x.model, saved.parameters.size(), model->parameter_count()));
    return bad_input;
  }
  const auto sums = evaluate_all(*model, saved.parameters, data->test);
  const auto samples = static_cast<double>(sums.samples);
  fmt::print("samples   {}\nloss      {:.4g}\n", sums.samples, sums.loss / samples);
  if (saved.classes > 0)
    fmt::print("accuracy  {:.2f} %\n", 100 * static_cast<double>(sums.correct) / samples);
  else
    fmt::print("RMSE      {:.4g}\nMAE       {:.4g}\n", std::sqrt(sums.squared_error / samples),
               sums.absolute_error / samples);
  return success;
} catch (const std::exception& error) {
  print_error(error.what());
  return bad_input;
}

} // namespace adsp::apps
