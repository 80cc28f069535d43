// Fully connected layers under a softmax: multinomial logistic regression without hidden layers, a
// multilayer perceptron with them.
#pragma once

#include "learning/model.hpp"

#include <Eigen/Core>

namespace adsp::learning {

/// Parameters, layer by layer: the weights, inputs x outputs by columns (a unit's weights are
/// contiguous), then the outputs' biases.
class dense_stack final : public model {
public:
  /// `widths`: features, units of each hidden layer, classes.
  dense_stack(const std::vector<std::size_t>& widths, double weight_decay);

  std::size_t parameter_count() const override;
  void initialise(std::span<float> parameters, generator random) const override;
  float loss_and_gradient(std::span<const float> parameters, const minibatch& batch,
                          std::span<float> gradient) override;
  evaluation_sums evaluate(std::span<const float> parameters, const minibatch& batch) override;

private:
  using matrix = Eigen::Map<Eigen::MatrixXf>;
  using const_matrix = Eigen::Map<const Eigen::MatrixXf>;

  struct layer {
    Eigen::Index inputs;
    Eigen::Index outputs;
    std::size_t weights; ///< where they start in the flat vector
    std::size_t biases;
    Eigen::VectorXf output; ///< outputs x samples; the last layer's: logits, then their gradient
    Eigen::VectorXf delta;  ///< hidden layers: gradient of the loss before the ReLU
  };

  /// Makes the scratch large enough; it never shrinks.
  void reserve(Eigen::Index samples);

  void forward(std::span<const float> parameters, const minibatch& batch);

  /// Sum of the samples' losses; turns the logits into exp(logit - the sample's largest).
  double loss_sum(const minibatch& batch);

  /// Turns what loss_sum left into the gradient of the mean loss by the logits.
  void logit_gradient(const minibatch& batch);

  void backward(std::span<const float> parameters, const minibatch& batch,
                std::span<float> gradient);

  /// Adds the penalty's gradient; returns the penalty.
  double decay_weights(std::span<const float> parameters, std::span<float> gradient) const;

  std::vector<layer> layers_;
  Eigen::VectorXd exp_sums_; ///< one a sample, from loss_sum for logit_gradient
  double weight_decay_;
};

} // namespace adsp::learning
