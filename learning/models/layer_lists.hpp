// The presets of [model] as lists of layers.
#pragma once

#include "learning/layers/layer_options.hpp"
#include "learning/models/model.hpp"

#include <cstdint>
#include <vector>

namespace adsp::learning {

/// All layers of `options`, including the dense one to `classes` outputs (0: one number), with
/// every initialiser set. Throws std::invalid_argument for an unknown kind of model.
std::vector<layer_options> all_layers(const model_options& options, std::int32_t classes);

} // namespace adsp::learning
