// Networks from what a config says of them.
#pragma once

#include "learning/models/model.hpp"
#include "learning/models/network.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace adsp::learning {

/// The network of `model` for samples of shape `input` and labels of so many classes; 0: for one number
/// (regression). Throws std::invalid_argument that names the layer, what it takes and what it gets;
/// layers count from 0, with the dense one to the outputs, which is added, last.
template <class Scalar>
network<Scalar> make_network(const model_options& model, const shape& input, std::int32_t classes);

/// The loss that the options mean; throws as `make_network` does.
std::string loss_of(const model_options& options, std::int32_t classes);

/// The samples as the first layer takes them: to an lstm or a gru, numbers in a row are a series.
shape input_of_layers(const model_options& options, const shape& input);

/// The layers of the model, from the first. Throws as `make_network` does. A model without layers
/// has none.
std::vector<layer_row> describe(const model_options& options, const shape& input,
                                std::int32_t classes);

/// 4 GiB: what one step of a worker may take beside the parameters.
inline constexpr std::uint64_t max_step_bytes = std::uint64_t{1} << 32;

/// Throws std::invalid_argument where a step with minibatches of so many samples takes more, or the
/// model is impossible; names the layer that takes most and the keys that say so.
void check_step_memory(const model_options& options, const shape& input, std::int32_t classes,
                       std::uint32_t batch_size);

} // namespace adsp::learning
