// Fully connected layers under a softmax: multinomial logistic regression without hidden layers, a
// multilayer perceptron with them.
#pragma once

#include "learning/affine.hpp"
#include "learning/model.hpp"

#include <Eigen/Core>

namespace adsp::learning {

/// Parameters, layer by layer, as `affine` lays them out.
class dense_stack final : public model {
public:
  /// Samples that lie anywhere: features x labels.size() numbers by columns.
  struct sample_view {
    const float* features;
    std::span<const std::int32_t> labels;
  };

  /// `widths`: features, units of each hidden layer, classes.
  dense_stack(const std::vector<std::size_t>& widths, double weight_decay);

  std::size_t parameter_count() const override;
  void initialise(std::span<float> parameters, generator random) const override;
  float loss_and_gradient(std::span<const float> parameters, const minibatch& batch,
                          std::span<float> gradient) override;
  evaluation_sums evaluate(std::span<const float> parameters, const minibatch& batch) override;

  /// The same for the top of another model. The gradient by the features goes into `passed` (as
  /// many numbers) unless it is null. Returns the loss.
  double loss_and_gradient(std::span<const float> parameters, sample_view batch,
                           std::span<float> gradient, float* passed);
  evaluation_sums evaluate(std::span<const float> parameters, sample_view batch);

private:
  struct layer {
    affine map;
    Eigen::VectorXf output; ///< outputs x samples; the last layer's: logits, then their gradient
    Eigen::VectorXf delta;  ///< hidden layers: gradient of the loss before the ReLU
  };

  /// Makes the scratch large enough; it never shrinks.
  void reserve(Eigen::Index samples);

  void forward(std::span<const float> parameters, sample_view batch);

  matrix_view logits(sample_view batch);

  /// Sum of the samples' losses; turns the logits into exp(logit - the sample's largest).
  double loss_sum(sample_view batch);

  /// Turns what loss_sum left into the gradient of the mean loss by the logits.
  void logit_gradient(sample_view batch);

  void backward(std::span<const float> parameters, sample_view batch, std::span<float> gradient,
                float* passed);

  std::vector<layer> layers_;
  Eigen::VectorXd exp_sums_; ///< one a sample, from loss_sum for logit_gradient
  double weight_decay_;
};

} // namespace adsp::learning
