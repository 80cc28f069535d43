// Networks from what a config says of them.
#pragma once

#include "learning/model.hpp"
#include "learning/network.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace adsp::learning {

/// The network of `x` for samples of shape `input` and labels of so many classes; 0: for one number (regression).
/// Throws std::invalid_argument that names the layer, what it takes and what it gets; layers count from 0, with the
/// dense one to the outputs, which is added, last.
template <class Scalar>
network<Scalar> make_network(const model_options& x, const shape& input, std::int32_t classes);

/// The layers of the model, from the first. Throws as `make_network` does. A model without layers has none.
std::vector<layer_row> describe(const model_options& x, const shape& input, std::int32_t classes);

} // namespace adsp::learning
