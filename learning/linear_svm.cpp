#include "learning/linear_svm.hpp"

#include <algorithm>
#include <cassert>

namespace adsp::learning {

namespace {

/// Sum of the samples' losses; turns the scores into the gradient of `share` times that sum. NaN
/// stays, because divergence must show in the loss.
double hinge(matrix_view scores, std::span<const std::int32_t> labels, float share) {
  double sum = 0;
  for (Eigen::Index i = 0; i < scores.cols(); ++i)
    for (Eigen::Index c = 0; c < scores.rows(); ++c) {
      auto y = c == labels[static_cast<std::size_t>(i)] ? 1.0F : -1.0F;
      auto& score = scores(c, i);
      auto loss = 1.0F - y * score;
      auto met = loss <= 0.0F;
      sum += met ? 0.0F : loss;
      score = met ? 0.0F : -y * share;
    }
  return sum;
}

} // namespace

linear_svm::linear_svm(std::size_t features, std::size_t classes, double weight_decay)
    : map_{static_cast<Eigen::Index>(features), static_cast<Eigen::Index>(classes), 0},
      weight_decay_(weight_decay) {}

void linear_svm::initialise(std::span<float> parameters, generator) const {
  assert(parameters.size() == parameter_count());
  std::fill(parameters.begin(), parameters.end(), 0.0F);
}

float linear_svm::loss_and_gradient(std::span<const float> parameters, const minibatch& batch,
                                    std::span<float> gradient) {
  assert(gradient.size() == parameter_count());
  assert(!batch.labels.empty());
  auto scores = forward(parameters, batch);
  auto samples = static_cast<double>(batch.labels.size());
  auto loss = hinge(scores, batch.labels, static_cast<float>(1 / samples)) / samples;
  map_.backward({batch.features.data(), map_.inputs, scores.cols()},
                {scores.data(), scores.rows(), scores.cols()}, gradient);
  if (weight_decay_ != 0)
    loss += map_.decay(weight_decay_, parameters, gradient);
  return static_cast<float>(loss);
}

evaluation_sums linear_svm::evaluate(std::span<const float> parameters, const minibatch& batch) {
  auto scores = forward(parameters, batch);
  evaluation_sums result;
  result.samples = batch.labels.size();
  result.correct = count_correct({scores.data(), scores.rows(), scores.cols()}, batch.labels);
  result.loss = hinge(scores, batch.labels, 1);
  return result;
}

matrix_view linear_svm::forward(std::span<const float> parameters, const minibatch& batch) {
  assert(parameters.size() == parameter_count());
  assert(batch.features.rows() == map_.inputs);
  assert(static_cast<std::size_t>(batch.features.cols()) == batch.labels.size());
  auto samples = batch.features.cols();
  if (scores_.size() < map_.outputs * samples)
    scores_.resize(map_.outputs * samples);
  matrix_view scores(scores_.data(), map_.outputs, samples);
  map_.forward(parameters, {batch.features.data(), map_.inputs, samples}, scores);
  return scores;
}

} // namespace adsp::learning
