// Makes networks from a config's options.
#pragma once

#include "learning/models/model.hpp"
#include "learning/models/network.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace adsp::learning {

/// Makes the network of `model` for samples of shape `input` and labels of `classes` classes; 0:
/// one number (regression). Throws a std::invalid_argument that names the layer, what it takes and
/// what it gets. Layers count from 0; the last is the dense layer to the outputs, which is added.
template <class Scalar>
network<Scalar> make_network(const model_options& model, const shape& input, std::int32_t classes);

/// The loss that the options imply; throws as `make_network` does.
std::string loss_of(const model_options& options, std::int32_t classes);

/// The samples as the first layer takes them: for an lstm or a gru, flat samples become a series.
shape input_of_layers(const model_options& options, const shape& input);

/// The layers of the model, from the first; none for a model without layers. Throws as
/// `make_network` does.
std::vector<layer_row> describe(const model_options& options, const shape& input,
                                std::int32_t classes);

/// Most memory of one step of a worker, besides the parameters: 4 GiB.
inline constexpr std::uint64_t max_step_bytes = std::uint64_t{1} << 32;

/// Throws std::invalid_argument if a step with minibatches of `batch_size` samples takes more, or
/// the model is invalid; names the layer that takes most and the keys that determine its size.
void check_step_memory(const model_options& options, const shape& input, std::int32_t classes,
                       std::uint32_t batch_size);

} // namespace adsp::learning
