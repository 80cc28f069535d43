// Lists of layers for tests, written short.
#pragma once

#include "learning/models/model.hpp"

#include <string>
#include <utility>
#include <vector>

namespace adsp::learning {

inline layer_options of(const std::string& kind) {
  layer_options x;
  x.kind = kind;
  return x;
}

inline layer_options units(const std::string& kind, std::uint32_t n) {
  auto x = of(kind);
  x.units = n;
  return x;
}

inline layer_options window(const std::string& kind, std::uint32_t kernel,
                            std::uint32_t filters = 0, std::uint32_t stride = 0,
                            std::int32_t padding = -1) {
  auto x = of(kind);
  x.kernel = kernel;
  x.filters = filters;
  x.stride = stride;
  x.padding = padding;
  return x;
}

inline layer_options with_sequence(layer_options x) {
  x.sequence = true;
  return x;
}

inline layer_options dropout(double rate) {
  auto x = of("dropout");
  x.rate = rate;
  return x;
}

inline layer_options embedding(std::uint32_t vocabulary, std::uint32_t n) {
  auto x = units("embedding", n);
  x.vocabulary = vocabulary;
  return x;
}

inline model_options of_layers(std::vector<layer_options> layers) {
  model_options x;
  x.kind = "layers";
  x.layers = std::move(layers);
  x.weight_decay = 0.01;
  return x;
}

} // namespace adsp::learning
