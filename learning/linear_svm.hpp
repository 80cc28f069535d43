// A linear support vector machine, one class against the rest: for every class c a score, and the
// hinge loss max(0, 1 - y_c score_c) with y_c = 1 for the label's class and -1 for the others. The
// loss of a sample is the sum over the classes; the largest score predicts.
#pragma once

#include "learning/affine.hpp"
#include "learning/model.hpp"

#include <Eigen/Core>

namespace adsp::learning {

/// Parameters: one layer, as `affine` lays it out.
class linear_svm final : public model {
public:
  linear_svm(std::size_t features, std::size_t classes, double weight_decay);

  std::size_t parameter_count() const override { return map_.end(); }

  /// All zero: the loss is convex.
  void initialise(std::span<float> parameters, generator random) const override;

  float loss_and_gradient(std::span<const float> parameters, const minibatch& batch,
                          std::span<float> gradient) override;
  evaluation_sums evaluate(std::span<const float> parameters, const minibatch& batch) override;

private:
  /// The scores, classes x samples.
  matrix_view forward(std::span<const float> parameters, const minibatch& batch);

  affine map_;
  Eigen::VectorXf scores_; ///< then the gradient by them
  double weight_decay_;
};

} // namespace adsp::learning
