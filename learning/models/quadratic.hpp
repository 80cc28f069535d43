// A noisy quadratic: the smallest problem for the study of synchronisation, known in closed form
// (Zhang et al., NeurIPS 2019, section 3).
#pragma once

#include "learning/models/model.hpp"

#include <cstdint>
#include <vector>

namespace adsp::learning {

/// Loss of a sample x at parameters w: 1/2 sum_j a_j (w_j - x_j)^2, where x_j is normal around the
/// optimum w*_j = 1 with deviation `noise`. Hence the gradient of a minibatch of B samples is
/// a_j (w_j - 1) plus noise of deviation a_j noise / sqrt(B), and the expected loss exceeds its
/// minimum by 1/2 sum_j a_j (w_j - 1)^2, which is what `evaluate` gives on the held-out sample, the
/// optimum itself.
class quadratic final : public model {
public:
  /// `condition`: the curvatures a_j decrease evenly on a logarithmic scale from 1 to 1/condition.
  quadratic(std::size_t dimensions, double condition);

  std::size_t parameter_count() const override { return curvature_.size(); }
  std::vector<tensor> tensors() const override;

  /// All zero: at distance 1 from the optimum in each dimension.
  void initialise(std::span<float> parameters, generator random) const override;
  float loss_and_gradient(std::span<const float> parameters, const minibatch& batch,
                          std::span<float> gradient) override;

  /// A sample counts as correct if its loss is below 1 % of the initial loss.
  evaluation_sums evaluate(std::span<const float> parameters, const minibatch& batch) override;
  void predict(std::span<const float> parameters, const Eigen::MatrixXf& features,
               Eigen::MatrixXf& outputs) override;

private:
  double loss(std::span<const float> parameters, const float* sample) const;

  std::vector<float> curvature_;
};

} // namespace adsp::learning
