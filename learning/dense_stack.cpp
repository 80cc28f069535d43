// Forward and backward passes as matrix products over views of the flat vectors; samples are
// columns.
#include "learning/dense_stack.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace adsp::learning {

namespace {

/// In eight sums of fixed order, so that it vectorises and is the same for every alignment.
double squared_norm(std::span<const float> x) {
  double sums[8] = {};
  std::size_t i = 0;
  for (; i + 8 <= x.size(); i += 8)
    for (std::size_t lane = 0; lane < 8; ++lane)
      sums[lane] += static_cast<double>(x[i + lane]) * x[i + lane];
  for (; i < x.size(); ++i)
    sums[0] += static_cast<double>(x[i]) * x[i];
  return ((sums[0] + sums[4]) + (sums[1] + sums[5])) + ((sums[2] + sums[6]) + (sums[3] + sums[7]));
}

/// Rows of a product computed at a time. The blocks Eigen packs grow with them, and must stay below
/// EIGEN_STACK_ALLOCATION_LIMIT.
constexpr Eigen::Index panel_rows = 512;

/// `into` = `left` * `right`, without an allocation however wide the layer.
template <class Left, class Right>
void multiply(const Left& left, const Right& right, Eigen::Map<Eigen::MatrixXf> into) {
  for (Eigen::Index row = 0; row < into.rows(); row += panel_rows) {
    auto rows = std::min(panel_rows, into.rows() - row);
    into.middleRows(row, rows).noalias() = left.middleRows(row, rows) * right;
  }
}

/// A ReLU that lets NaN through, because divergence must show in the loss.
void rectify(std::span<float> x) {
  for (auto& value : x)
    value = value < 0.0F ? 0.0F : value;
}

} // namespace

dense_stack::dense_stack(const std::vector<std::size_t>& widths, double weight_decay)
    : weight_decay_(weight_decay) {
  std::size_t offset = 0;
  for (std::size_t i = 0; i + 1 < widths.size(); ++i) {
    auto biases = offset + widths[i] * widths[i + 1];
    layers_.push_back({static_cast<Eigen::Index>(widths[i]),
                       static_cast<Eigen::Index>(widths[i + 1]),
                       offset,
                       biases,
                       {},
                       {}});
    offset = biases + widths[i + 1];
  }
}

std::size_t dense_stack::parameter_count() const {
  return layers_.back().biases + static_cast<std::size_t>(layers_.back().outputs);
}

void dense_stack::initialise(std::span<float> parameters, generator random) const {
  assert(parameters.size() == parameter_count());
  std::fill(parameters.begin(), parameters.end(), 0.0F);
  // Without hidden layers the loss is convex, and zero is as good a start as any.
  if (layers_.size() == 1)
    return;
  for (const auto& x : layers_) {
    auto weights = parameters.subspan(x.weights, x.biases - x.weights);
    if (&x != &layers_.back()) { // He et al., 2015
      auto deviation = std::sqrt(2.0 / static_cast<double>(x.inputs));
      for (auto& w : weights)
        w = static_cast<float>(deviation * random.normal());
    } else { // Glorot and Bengio, 2010
      auto bound = std::sqrt(6.0 / static_cast<double>(x.inputs + x.outputs));
      for (auto& w : weights)
        w = static_cast<float>(bound * (2 * random.uniform() - 1));
    }
  }
}

float dense_stack::loss_and_gradient(std::span<const float> parameters, const minibatch& batch,
                                     std::span<float> gradient) {
  assert(gradient.size() == parameter_count());
  assert(!batch.labels.empty());
  forward(parameters, batch);
  auto loss = loss_sum(batch) / static_cast<double>(batch.labels.size());
  logit_gradient(batch);
  backward(parameters, batch, gradient);
  if (weight_decay_ != 0)
    loss += decay_weights(parameters, gradient);
  return static_cast<float>(loss);
}

evaluation_sums dense_stack::evaluate(std::span<const float> parameters, const minibatch& batch) {
  forward(parameters, batch);
  evaluation_sums result;
  result.samples = batch.labels.size();
  auto& last = layers_.back();
  matrix logits(last.output.data(), last.outputs, batch.features.cols());
  for (Eigen::Index i = 0; i < logits.cols(); ++i) {
    const auto* begin = logits.col(i).data();
    auto predicted = std::max_element(begin, begin + last.outputs) - begin;
    // A model that diverged predicts nothing.
    if (predicted == batch.labels[static_cast<std::size_t>(i)] && std::isfinite(begin[predicted]))
      ++result.correct;
  }
  result.loss = loss_sum(batch);
  return result;
}

void dense_stack::reserve(Eigen::Index samples) {
  if (samples <= exp_sums_.size())
    return;
  exp_sums_.resize(samples);
  for (auto& x : layers_) {
    x.output.resize(x.outputs * samples);
    if (&x != &layers_.back())
      x.delta.resize(x.outputs * samples);
  }
}

void dense_stack::forward(std::span<const float> parameters, const minibatch& batch) {
  assert(parameters.size() == parameter_count());
  assert(batch.features.rows() == layers_.front().inputs);
  assert(static_cast<std::size_t>(batch.features.cols()) == batch.labels.size());
  auto samples = batch.features.cols();
  reserve(samples);
  const float* input = batch.features.data();
  for (auto& x : layers_) {
    const_matrix weights(parameters.data() + x.weights, x.inputs, x.outputs);
    Eigen::Map<const Eigen::VectorXf> biases(parameters.data() + x.biases, x.outputs);
    matrix output(x.output.data(), x.outputs, samples);
    multiply(weights.transpose(), const_matrix(input, x.inputs, samples), output);
    output.colwise() += biases;
    if (&x != &layers_.back())
      rectify({x.output.data(), static_cast<std::size_t>(output.size())});
    input = x.output.data();
  }
}

double dense_stack::loss_sum(const minibatch& batch) {
  auto& last = layers_.back();
  auto samples = batch.features.cols();
  matrix logits(last.output.data(), last.outputs, samples);
  double sum = 0;
  for (Eigen::Index i = 0; i < samples; ++i) {
    // Without the largest logit the exponentials cannot overflow, and their sum is at least 1.
    logits.col(i).array() -= logits.col(i).maxCoeff();
    sum -= logits(batch.labels[static_cast<std::size_t>(i)], i);
  }
  logits.array() = logits.array().exp();
  for (Eigen::Index i = 0; i < samples; ++i) {
    exp_sums_[i] = logits.col(i).sum();
    sum += std::log(exp_sums_[i]);
  }
  return sum;
}

void dense_stack::logit_gradient(const minibatch& batch) {
  auto& last = layers_.back();
  auto samples = batch.features.cols();
  matrix logits(last.output.data(), last.outputs, samples);
  auto share = 1.0F / static_cast<float>(samples);
  for (Eigen::Index i = 0; i < samples; ++i) {
    logits.col(i) *= share / static_cast<float>(exp_sums_[i]);
    logits(batch.labels[static_cast<std::size_t>(i)], i) -= share;
  }
}

void dense_stack::backward(std::span<const float> parameters, const minibatch& batch,
                           std::span<float> gradient) {
  auto samples = batch.features.cols();
  for (auto i = layers_.size(); i-- > 0;) {
    auto& x = layers_[i];
    auto* below = i == 0 ? nullptr : &layers_[i - 1];
    const_matrix input(below ? below->output.data() : batch.features.data(), x.inputs, samples);
    const_matrix delta(i + 1 == layers_.size() ? x.output.data() : x.delta.data(), x.outputs,
                       samples);
    multiply(input, delta.transpose(), matrix(gradient.data() + x.weights, x.inputs, x.outputs));
    Eigen::Map<Eigen::VectorXf> biases(gradient.data() + x.biases, x.outputs);
    biases.setZero();
    for (Eigen::Index sample = 0; sample < samples; ++sample)
      biases += delta.col(sample);
    if (!below) // nobody needs the gradient by the features
      return;
    const_matrix weights(parameters.data() + x.weights, x.inputs, x.outputs);
    matrix passed(below->delta.data(), x.inputs, samples);
    multiply(weights, delta, passed);
    passed = (input.array() > 0.0F).select(passed, 0.0F);
  }
}

double dense_stack::decay_weights(std::span<const float> parameters,
                                  std::span<float> gradient) const {
  double squares = 0;
  for (const auto& x : layers_) {
    auto weights = parameters.subspan(x.weights, x.biases - x.weights);
    squares += squared_norm(weights);
    auto size = static_cast<Eigen::Index>(weights.size());
    Eigen::Map<Eigen::ArrayXf>(gradient.data() + x.weights, size) +=
        static_cast<float>(weight_decay_) * Eigen::Map<const Eigen::ArrayXf>(weights.data(), size);
  }
  return weight_decay_ / 2 * squares;
}

} // namespace adsp::learning
