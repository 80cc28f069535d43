// A long short-term memory layer over a window of scalar values, one value a time step, under dense
// layers and a softmax (Hochreiter and Schmidhuber, 1997; forget gate: Gers et al., 2000).
#pragma once

#include "learning/affine.hpp"
#include "learning/dense_stack.hpp"
#include "learning/model.hpp"

#include <Eigen/Core>

namespace adsp::learning {

/// With z = W^T [h(t-1); x(t)] + b, split into i, f, g, o:
///   c(t) = sigmoid(f) c(t-1) + sigmoid(i) tanh(g),  h(t) = sigmoid(o) tanh(c(t)),
/// both 0 before the window; h after the whole window goes on to the dense layers. The gradient
/// goes back through the whole window.
///
/// Parameters: W and b as `affine` lays them out, units + 1 inputs (the value last) x 4 units
/// outputs (i, f, g, o), then those of the dense layers.
class lstm final : public model {
public:
  /// `window`: values of a sample, at least 1. `widths`: units of the LSTM, units of each hidden
  /// dense layer, classes.
  lstm(std::size_t window, const std::vector<std::size_t>& widths, double weight_decay);

  std::size_t parameter_count() const override { return gates_.end() + top_.parameter_count(); }

  /// Weights uniform within 1/sqrt(units), biases 0 but the forget gate's 1 (Jozefowicz et al.,
  /// 2015); the dense layers as ever.
  void initialise(std::span<float> parameters, generator random) const override;

  float loss_and_gradient(std::span<const float> parameters, const minibatch& batch,
                          std::span<float> gradient) override;
  evaluation_sums evaluate(std::span<const float> parameters, const minibatch& batch) override;

private:
  /// Makes the scratch large enough; it never shrinks.
  void reserve(Eigen::Index samples);

  /// Runs through the window; leaves all that `backward` needs, and the last h in `last_`.
  void forward(std::span<const float> parameters, const minibatch& batch);

  /// From i, f, g, o before their functions, in place, and c(t-1) to c(t), tanh(c(t)) and h(t).
  void advance(Eigen::Index t, Eigen::Index samples);

  /// From the gradient by the last h, in `delta_hidden_`, to that of W and b.
  void backward(std::span<const float> parameters, Eigen::Index samples, std::span<float> gradient);

  /// One time step back: gates become the gradient by z; `delta_cell_` goes from c(t) to c(t-1).
  void retreat(Eigen::Index t, Eigen::Index samples);

  Eigen::Index window_;
  Eigen::Index units_;
  affine gates_;
  dense_stack top_;
  double weight_decay_;
  Eigen::Index reserved_ = 0; ///< samples the scratch is large enough for
  // One matrix with a column a sample for every time step, one after the other.
  Eigen::VectorXf inputs_;       ///< window x (units + 1): h(t-1), x(t)
  Eigen::VectorXf activations_;  ///< window x 4 units: the gates, then the gradient by z
  Eigen::VectorXf cells_;        ///< (window + 1) x units: c(t-1); the first is 0
  Eigen::VectorXf cell_tanhs_;   ///< window x units: tanh(c(t))
  Eigen::VectorXf last_;         ///< units: the last h
  Eigen::VectorXf delta_hidden_; ///< units + 1: gradient by h(t), then by [h(t-1); x(t)]
  Eigen::VectorXf delta_cell_;   ///< units
};

} // namespace adsp::learning
