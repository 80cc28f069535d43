#include "learning/models/layer_lists.hpp"

#include "learning/layers/make_layer.hpp"

#include <stdexcept>
#include <string>

namespace adsp::learning {

namespace {

layer_options dense_of(std::uint32_t units) {
  return {.kind = "dense", .units = units, .initialiser = {}};
}

layer_options of_kind(const char* kind) {
  return {.kind = kind, .initialiser = {}};
}

layer_options convolution(std::uint32_t filters) {
  return {.kind = "conv2d", .filters = filters, .kernel = 5, .initialiser = {}};
}

layer_options pool(std::uint32_t kernel, std::int32_t padding) {
  return {.kind = "max_pool", .kernel = kernel, .stride = 2, .padding = padding, .initialiser = {}};
}

std::vector<layer_options> cnn() {
  const auto relu = of_kind("relu");
  return {convolution(32), relu,          pool(2, 0), convolution(64), relu,
          pool(2, 0),      dense_of(128), relu};
}

/// The network that Hu, Wang, Wu (AAAI-20) train on CIFAR-10; 148,298 parameters there.
std::vector<layer_options> cifar_cnn() {
  const auto relu = of_kind("relu");
  auto norm = of_kind("local_response_norm");
  norm.depth = 9;
  norm.alpha = 0.001 / 9;
  return {convolution(64), relu, pool(3, 1), norm, convolution(64), relu, norm, pool(3, 1)};
}

/// All layers except the last.
std::vector<layer_options> hidden_layers(const model_options& options) {
  if (options.kind == "softmax" || options.kind == "linear_svm")
    return {};
  if (options.kind == "cnn")
    return cnn();
  if (options.kind == "cifar_cnn")
    return cifar_cnn();
  if (options.kind == "layers")
    return options.layers;
  if (options.kind != "mlp" && options.kind != "lstm")
    throw std::invalid_argument("model.kind is \"" + options.kind +
                                "\", expected \"softmax\", \"mlp\", \"cnn\", \"cifar_cnn\", "
                                "\"lstm\", \"linear_svm\", \"quadratic\" or \"layers\"");
  if (options.hidden.empty())
    throw std::invalid_argument("model.hidden is empty; name the units of at least one layer, or "
                                "set model.kind to \"softmax\"");
  std::vector<layer_options> result;
  for (auto units : options.hidden) {
    if (options.kind == "lstm" && result.empty()) {
      result.push_back({.kind = "lstm", .units = units, .initialiser = {}});
      continue;
    }
    result.push_back(dense_of(units));
    result.push_back(of_kind("relu"));
  }
  return result;
}

bool keeps_scale(const layer_options& layer) {
  const auto* kind = find_layer_kind(layer.kind);
  return kind != nullptr && kind->keeps_scale;
}

/// Whether the output of layer `i` goes through a ReLU before other weights.
bool before_relu(const std::vector<layer_options>& layers, std::size_t i) {
  do
    ++i;
  while (i < layers.size() && keeps_scale(layers[i]));
  return i < layers.size() && layers[i].kind == "relu";
}

} // namespace

std::vector<layer_options> all_layers(const model_options& options, std::int32_t classes) {
  auto result = hidden_layers(options);
  // Under one dense layer the loss is convex, and zero is as good a start as any.
  const bool zero = result.empty() || (options.kind == "lstm" && result.size() == 1);
  result.push_back(dense_of(classes == 0 ? 1 : static_cast<std::uint32_t>(classes)));
  result.back().initialiser = zero ? "zero" : "glorot";
  for (std::size_t i = 0; i + 1 < result.size(); ++i)
    if (result[i].initialiser.empty())
      result[i].initialiser = before_relu(result, i) ? "he" : "glorot";
  return result;
}

} // namespace adsp::learning
