// Forward and backward passes through the layers; samples are columns.
#include "learning/dense_stack.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace adsp::learning {

namespace {

/// A ReLU that lets NaN through, because divergence must show in the loss.
void rectify(std::span<float> x) {
  for (auto& value : x)
    value = value < 0.0F ? 0.0F : value;
}

dense_stack::sample_view samples_of(const minibatch& x) {
  assert(static_cast<std::size_t>(x.features.cols()) == x.labels.size());
  return {x.features.data(), x.labels};
}

} // namespace

dense_stack::dense_stack(const std::vector<std::size_t>& widths, double weight_decay)
    : weight_decay_(weight_decay) {
  std::size_t offset = 0;
  for (std::size_t i = 0; i + 1 < widths.size(); ++i) {
    affine map{static_cast<Eigen::Index>(widths[i]), static_cast<Eigen::Index>(widths[i + 1]),
               offset};
    layers_.push_back({map, {}, {}});
    offset = map.end();
  }
}

std::size_t dense_stack::parameter_count() const {
  return layers_.back().map.end();
}

void dense_stack::initialise(std::span<float> parameters, generator random) const {
  assert(parameters.size() == parameter_count());
  std::fill(parameters.begin(), parameters.end(), 0.0F);
  // Without hidden layers the loss is convex, and zero is as good a start as any.
  if (layers_.size() == 1)
    return;
  for (const auto& x : layers_) {
    auto weights = parameters.subspan(x.map.offset, x.map.weight_count());
    if (&x != &layers_.back()) { // He et al., 2015
      auto deviation = std::sqrt(2.0 / static_cast<double>(x.map.inputs));
      for (auto& w : weights)
        w = static_cast<float>(deviation * random.normal());
    } else { // Glorot and Bengio, 2010
      auto bound = std::sqrt(6.0 / static_cast<double>(x.map.inputs + x.map.outputs));
      for (auto& w : weights)
        w = static_cast<float>(bound * (2 * random.uniform() - 1));
    }
  }
}

float dense_stack::loss_and_gradient(std::span<const float> parameters, const minibatch& batch,
                                     std::span<float> gradient) {
  assert(batch.features.rows() == layers_.front().map.inputs);
  return static_cast<float>(loss_and_gradient(parameters, samples_of(batch), gradient, nullptr));
}

evaluation_sums dense_stack::evaluate(std::span<const float> parameters, const minibatch& batch) {
  assert(batch.features.rows() == layers_.front().map.inputs);
  return evaluate(parameters, samples_of(batch));
}

double dense_stack::loss_and_gradient(std::span<const float> parameters, sample_view batch,
                                      std::span<float> gradient, float* passed) {
  assert(gradient.size() == parameter_count());
  assert(!batch.labels.empty());
  forward(parameters, batch);
  auto loss = loss_sum(batch) / static_cast<double>(batch.labels.size());
  logit_gradient(batch);
  backward(parameters, batch, gradient, passed);
  if (weight_decay_ != 0)
    for (const auto& x : layers_)
      loss += x.map.decay(weight_decay_, parameters, gradient);
  return loss;
}

evaluation_sums dense_stack::evaluate(std::span<const float> parameters, sample_view batch) {
  forward(parameters, batch);
  evaluation_sums result;
  result.samples = batch.labels.size();
  auto scores = logits(batch);
  result.correct = count_correct({scores.data(), scores.rows(), scores.cols()}, batch.labels);
  result.loss = loss_sum(batch);
  return result;
}

void dense_stack::reserve(Eigen::Index samples) {
  if (samples <= exp_sums_.size())
    return;
  exp_sums_.resize(samples);
  for (auto& x : layers_) {
    x.output.resize(x.map.outputs * samples);
    if (&x != &layers_.back())
      x.delta.resize(x.map.outputs * samples);
  }
}

void dense_stack::forward(std::span<const float> parameters, sample_view batch) {
  assert(parameters.size() == parameter_count());
  auto samples = static_cast<Eigen::Index>(batch.labels.size());
  reserve(samples);
  const float* input = batch.features;
  for (auto& x : layers_) {
    matrix_view output(x.output.data(), x.map.outputs, samples);
    x.map.forward(parameters, {input, x.map.inputs, samples}, output);
    if (&x != &layers_.back())
      rectify({output.data(), static_cast<std::size_t>(output.size())});
    input = output.data();
  }
}

matrix_view dense_stack::logits(sample_view batch) {
  auto& last = layers_.back();
  return {last.output.data(), last.map.outputs, static_cast<Eigen::Index>(batch.labels.size())};
}

double dense_stack::loss_sum(sample_view batch) {
  auto scores = logits(batch);
  double sum = 0;
  for (Eigen::Index i = 0; i < scores.cols(); ++i) {
    // Without the largest logit the exponentials cannot overflow, and their sum is at least 1.
    scores.col(i).array() -= scores.col(i).maxCoeff();
    sum -= scores(batch.labels[static_cast<std::size_t>(i)], i);
  }
  scores.array() = scores.array().exp();
  for (Eigen::Index i = 0; i < scores.cols(); ++i) {
    exp_sums_[i] = scores.col(i).sum();
    sum += std::log(exp_sums_[i]);
  }
  return sum;
}

void dense_stack::logit_gradient(sample_view batch) {
  auto scores = logits(batch);
  auto share = 1.0F / static_cast<float>(scores.cols());
  for (Eigen::Index i = 0; i < scores.cols(); ++i) {
    scores.col(i) *= share / static_cast<float>(exp_sums_[i]);
    scores(batch.labels[static_cast<std::size_t>(i)], i) -= share;
  }
}

void dense_stack::backward(std::span<const float> parameters, sample_view batch,
                           std::span<float> gradient, float* passed) {
  auto samples = static_cast<Eigen::Index>(batch.labels.size());
  for (auto i = layers_.size(); i-- > 0;) {
    auto& x = layers_[i];
    auto* below = i == 0 ? nullptr : &layers_[i - 1];
    const_matrix_view input(below ? below->output.data() : batch.features, x.map.inputs, samples);
    const_matrix_view delta(i + 1 == layers_.size() ? x.output.data() : x.delta.data(),
                            x.map.outputs, samples);
    x.map.backward(input, delta, gradient);
    if (!below) {
      if (passed)
        x.map.backward_input(parameters, delta, {passed, x.map.inputs, samples});
      return;
    }
    matrix_view lower(below->delta.data(), x.map.inputs, samples);
    x.map.backward_input(parameters, delta, lower);
    lower = (input.array() > 0.0F).select(lower, 0.0F);
  }
}

} // namespace adsp::learning
