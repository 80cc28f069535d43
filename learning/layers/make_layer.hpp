// Layers from what a config says of them.
#pragma once

#include "learning/layers/layer.hpp"
#include "learning/layers/layer_options.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace adsp::learning {

/// 4 GiB of floats; a larger model is a slip of the config.
inline constexpr std::uint64_t max_parameters = std::uint64_t{1} << 30;

/// The layer `x`, the network's `number`th from 0, over `input`; `sample` is what the first layer
/// gets. Throws std::invalid_argument that names the layer, what it takes and what it gets.
template <class Scalar>
std::unique_ptr<layer<Scalar>> make_layer(std::size_t number, const layer_options& x,
                                          const shape& input, const shape& sample);

/// Every kind of layer.
const std::vector<std::string>& layer_kinds();

} // namespace adsp::learning
