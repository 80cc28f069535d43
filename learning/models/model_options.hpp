// The model that a job trains.
#pragma once

#include "learning/layers/layer_options.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace adsp::learning {

/// The model of a job; the config's [model] table.
struct model_options {
  /// "softmax", "mlp", "cnn", "cifar_cnn", "lstm", "linear_svm", "quadratic", or "layers": as
  /// `layers` says
  std::string kind = "mlp";
  /// mlp: units of each hidden layer (ReLU); lstm: units of the LSTM, then of each such layer above
  /// it; other kinds ignore it.
  std::vector<std::uint32_t> hidden = {256};
  double weight_decay = 0; ///< L2 penalty weight_decay/2 * |w|^2 on weights, not on biases
  double condition = 10;   ///< quadratic: largest over smallest curvature
  std::string loss = {};   ///< of `make_loss`; empty: the kind's own, else cross_entropy or squared
  std::vector<layer_options> layers =
      {}; ///< kind "layers": all except the last, the dense layer to the outputs
};

} // namespace adsp::learning
