// The presets of `[model]` as lists of layers.
#pragma once

#include "learning/layers/layer_options.hpp"
#include "learning/models/model.hpp"

#include <cstdint>
#include <vector>

namespace adsp::learning {

/// All layers of `options`, with the dense one to so many classes (0: to one number) and every
/// initialiser known. Throws std::invalid_argument where there is no such kind of model.
std::vector<layer_options> all_layers(const model_options& options, std::int32_t classes);

} // namespace adsp::learning
