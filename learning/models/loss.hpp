// What training minimises: a function of a network's outputs and of the targets.
#pragma once

#include "learning/layers/layer.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace adsp::learning {

/// The targets of a minibatch: a label or a number for each sample.
struct targets {
  std::span<const std::int32_t> labels; ///< classification
  std::span<const float> values;        ///< regression
  std::span<const float> class_weights; ///< one for each class; empty: 1 each
};

template <class Scalar>
class loss {
public:
  virtual ~loss() = default;

  /// Sum of the samples' losses, each times its class's weight.
  virtual double value(const_batch_view<Scalar> outputs, const targets& known) = 0;

  /// The same, and `outputs` becomes the gradient of the mean (sum / samples) by the outputs.
  /// Allocates nothing.
  virtual double value_and_gradient(batch_view<Scalar> outputs, const targets& known) = 0;
};

/// "cross_entropy" (softmax), "hinge" (one against the rest), "crammer_singer", "squared" (1/2 (y -
/// t)^2) or "huber" (delta 1). Throws std::invalid_argument for any other kind.
template <class Scalar>
std::unique_ptr<loss<Scalar>> make_loss(const std::string& kind);

/// Whether the loss is for labels (else for numbers).
bool is_classification(const std::string& kind);

} // namespace adsp::learning
