#include "learning/models/make_network.hpp"

#include "learning/layers/make_layer.hpp"
#include "learning/models/layer_lists.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>

namespace adsp::learning {

std::string loss_of(const model_options& options, std::int32_t classes) {
  if (classes < 0 || classes == 1)
    throw std::invalid_argument(
        "a model needs at least 2 classes, or 0 to predict a number; found " +
        std::to_string(classes));
  if (options.kind == "linear_svm" && classes == 0)
    throw std::invalid_argument(
        "model.kind is \"linear_svm\", which tells classes apart; the data "
        "has numbers to predict, for which \"softmax\" is the linear model");
  auto kind = options.loss;
  if (kind.empty())
    kind = classes == 0 ? "squared" : options.kind == "linear_svm" ? "hinge" : "cross_entropy";
  make_loss<float>(kind); // throws if there is no such loss
  if (is_classification(kind) != (classes > 0))
    throw std::invalid_argument("model.loss is \"" + kind + "\", which is " +
                                (classes > 0 ? "for numbers; the data has labels"
                                             : "for labels; the data has numbers to predict"));
  return kind;
}

namespace {

/// What to lower, besides the batch, if a layer of that kind is too large.
std::string keys_of_size(const model_options& options, const std::string& kind) {
  if (options.kind == "mlp" || options.kind == "lstm")
    return "model.hidden";
  if (options.kind != "layers")
    return "take a smaller model.kind";
  const auto* known = find_layer_kind(kind);
  if (known != nullptr && known->reads("filters"))
    return "filters, kernel or padding of this model.layer";
  const bool has_units = known != nullptr && known->reads("units");
  return has_units ? "units of this model.layer" : "what this model.layer gets";
}

std::string mebibytes(std::uint64_t bytes) {
  return std::to_string((bytes + (1 << 20) - 1) >> 20) + " MiB";
}

} // namespace

shape input_of_layers(const model_options& options, const shape& input) {
  const auto* first = find_layer_kind(options.kind == "layers" && !options.layers.empty()
                                          ? options.layers.front().kind
                                          : options.kind);
  const bool steps = first != nullptr && first->steps;
  return steps && input.height == 1 && input.width == 1 ? shape{input.channels, 1, 1} : input;
}

template <class Scalar>
network<Scalar> make_network(const model_options& model, const shape& input, std::int32_t classes) {
  const auto aim = loss_of(model, classes);
  const auto options = all_layers(model, classes);
  if (!(model.weight_decay >= 0) || !std::isfinite(model.weight_decay))
    throw std::invalid_argument("model.weight_decay must be finite and not negative, found " +
                                std::to_string(model.weight_decay));
  if (input.height <= 0 || input.width <= 0 || input.channels <= 0)
    throw std::invalid_argument("the samples are empty; the number of features must be above 0");
  auto at = input_of_layers(model, input);
  std::vector<named_layer<Scalar>> layers;
  std::uint64_t parameters = 0;
  for (const auto& each : options) {
    layers.push_back({each.kind, make_layer<Scalar>(layers.size(), each, at, input)});
    at = layers.back().part->output();
    parameters += layers.back().part->parameter_count();
    if (parameters > max_parameters)
      throw std::invalid_argument("the model has more than " + std::to_string(max_parameters) +
                                  " parameters; make its layers smaller");
  }
  return {std::move(layers), make_loss<Scalar>(aim), model.weight_decay};
}

std::vector<layer_row> describe(const model_options& options, const shape& input,
                                std::int32_t classes) {
  return options.kind == "quadratic" ? std::vector<layer_row>{}
                                     : make_network<float>(options, input, classes).describe();
}

void check_step_memory(const model_options& options, const shape& input, std::int32_t classes,
                       std::uint32_t batch_size) {
  const auto minibatch = static_cast<std::uint64_t>(input.size()) * sizeof(float) * batch_size;
  const auto limit =
      ", expected at most " + mebibytes(max_step_bytes) + "; lower optimizer.batch_size";
  const auto step = "a step of optimizer.batch_size = " + std::to_string(batch_size) + " samples ";
  if (minibatch > max_step_bytes)
    throw std::invalid_argument(step + "of " + to_string(input) + " numbers takes " +
                                mebibytes(minibatch) + limit);
  if (options.kind == "quadratic")
    return;
  const auto network = make_network<float>(options, input, classes);
  const auto bytes = network.scratch_bytes(batch_size);
  const auto all = std::accumulate(bytes.begin(), bytes.end(), minibatch);
  if (all <= max_step_bytes)
    return;
  const auto most = std::max_element(bytes.begin(), bytes.end());
  const auto number = static_cast<std::size_t>(most - bytes.begin());
  const auto kind = network.describe()[number].kind;
  throw std::invalid_argument("layer " + std::to_string(number) + " (" + kind + "): " + step +
                              "takes " + mebibytes(all) + ", " + mebibytes(*most) +
                              " of them here" + limit + " or " + keys_of_size(options, kind));
}

template network<float> make_network(const model_options&, const shape&, std::int32_t);
template network<double> make_network(const model_options&, const shape&, std::int32_t);

} // namespace adsp::learning
