// Makes models from their options.
#include "learning/models/model.hpp"

#include "learning/models/make_network.hpp"
#include "learning/models/network_model.hpp"
#include "learning/models/quadratic.hpp"

namespace adsp::learning {

shape input_of(const dataset& samples) {
  const bool known = samples.image.size() > 0 || samples.input.size() == samples.features.rows();
  return known ? samples.input : flat(samples.features.rows());
}

std::unique_ptr<model> make_model(const model_options& options, const shape& input,
                                  std::int32_t classes) {
  if (options.kind == "quadratic")
    return std::make_unique<quadratic>(static_cast<std::size_t>(input.size()), options.condition);
  return std::make_unique<network_model>(make_network<float>(options, input, classes));
}

evaluation_sums evaluate_range(model& net, std::span<const float> parameters, const dataset& data,
                               std::size_t first, std::size_t count, minibatch& slice) {
  slice.features =
      data.features.middleCols(static_cast<Eigen::Index>(first), static_cast<Eigen::Index>(count));
  const auto part = [&](const auto& from, auto& to) {
    const auto begin = from.begin() + static_cast<std::ptrdiff_t>(from.empty() ? 0 : first);
    to.assign(begin, from.empty() ? begin : begin + static_cast<std::ptrdiff_t>(count));
  };
  part(data.labels, slice.labels);
  part(data.values, slice.values);
  slice.class_weights = data.class_weights;
  return net.evaluate(parameters, slice);
}

} // namespace adsp::learning
