// Makes layers from a config's options.
#pragma once

#include "learning/layers/layer.hpp"
#include "learning/layers/layer_options.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace adsp::learning {

/// 4 GiB of floats; a config that asks for more is considered a mistake.
inline constexpr std::uint64_t max_parameters = std::uint64_t{1} << 30;

/// Makes the layer `x`, which is number `number` (from 0) in its network, for inputs of shape
/// `input`; `sample` is the first layer's input. Throws a std::invalid_argument that names the
/// layer, what it takes and what it gets.
template <class Scalar>
std::unique_ptr<layer<Scalar>> make_layer(std::size_t number, const layer_options& x,
                                          const shape& input, const shape& sample);

/// A kind of layer, as a config names it.
struct layer_kind {
  std::string_view name;
  std::vector<std::string_view> needs = {}; ///< keys that a config must set
  std::vector<std::string_view> takes = {}; ///< keys that it may set

  /// Whether its output is about proportional to its input, so that between weights and a ReLU it
  /// does not change how the weights are initialised.
  bool keeps_scale = false;

  bool steps = false; ///< whether it runs over the steps of a series

  /// Whether it reads the key.
  bool reads(std::string_view key) const;
};

/// Every kind of layer.
std::span<const layer_kind> layer_kinds();

/// The kind of that name, or null.
const layer_kind* find_layer_kind(std::string_view name);

} // namespace adsp::learning
