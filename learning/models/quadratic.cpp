#include "learning/models/quadratic.hpp"

#include <algorithm>
#include <cmath>

namespace adsp::learning {

quadratic::quadratic(std::size_t dimensions, double condition) : curvature_(dimensions) {
  const auto last = std::max<std::size_t>(1, dimensions - 1);
  for (std::size_t j = 0; j < dimensions; ++j)
    curvature_[j] = static_cast<float>(
        std::pow(condition, -static_cast<double>(j) / static_cast<double>(last)));
}

std::vector<tensor> quadratic::tensors() const {
  return {{"point", {static_cast<std::ptrdiff_t>(curvature_.size())}, false}};
}

void quadratic::initialise(std::span<float> parameters, generator) const {
  std::ranges::fill(parameters, 0.0F);
}

float quadratic::loss_and_gradient(std::span<const float> parameters, const minibatch& batch,
                                   std::span<float> gradient) {
  const auto size = curvature_.size();
  const auto samples = batch.features.cols();
  const auto share = 1.0F / static_cast<float>(samples);
  std::ranges::fill(gradient, 0.0F);
  float total = 0;
  for (Eigen::Index i = 0; i < samples; ++i) {
    const float* x = batch.features.col(i).data();
    for (std::size_t j = 0; j < size; ++j) {
      const auto away = parameters[j] - x[j];
      const auto slope = curvature_[j] * away;
      gradient[j] += share * slope;
      total += slope * away;
    }
  }
  return total * share / 2;
}

double quadratic::loss(std::span<const float> parameters, const float* sample) const {
  double sum = 0;
  for (std::size_t j = 0; j < curvature_.size(); ++j) {
    const double away = parameters[j] - sample[j];
    sum += curvature_[j] * away * away;
  }
  return sum / 2;
}

evaluation_sums quadratic::evaluate(std::span<const float> parameters, const minibatch& batch) {
  evaluation_sums sums;
  double start = 0;
  for (auto a : curvature_)
    start += a / 2;
  for (Eigen::Index i = 0; i < batch.features.cols(); ++i) {
    const auto found = loss(parameters, batch.features.col(i).data());
    sums.loss += found;
    sums.correct += found < 0.01 * start ? 1 : 0;
    ++sums.samples;
  }
  return sums;
}

void quadratic::predict(std::span<const float>, const Eigen::MatrixXf& features,
                        Eigen::MatrixXf& outputs) {
  outputs.resize(0, features.cols());
}

} // namespace adsp::learning
