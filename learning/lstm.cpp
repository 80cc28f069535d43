// Every time step is one `affine` layer for the whole batch; samples are columns.
#include "learning/lstm.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace adsp::learning {

using array_view = Eigen::Map<Eigen::ArrayXf>;

lstm::lstm(std::size_t window, const std::vector<std::size_t>& widths, double weight_decay)
    : window_(static_cast<Eigen::Index>(window)),
      units_(static_cast<Eigen::Index>(widths.front())), gates_{units_ + 1, 4 * units_, 0},
      top_(widths, weight_decay), weight_decay_(weight_decay) {}

void lstm::initialise(std::span<float> parameters, generator random) const {
  assert(parameters.size() == parameter_count());
  auto bound = 1 / std::sqrt(static_cast<double>(units_));
  for (auto& w : parameters.first(gates_.weight_count()))
    w = static_cast<float>(bound * (2 * random.uniform() - 1));
  auto units = static_cast<std::size_t>(units_);
  auto biases = parameters.subspan(gates_.biases(), 4 * units);
  std::fill(biases.begin(), biases.end(), 0.0F);
  auto forget = biases.subspan(units, units);
  std::fill(forget.begin(), forget.end(), 1.0F);
  top_.initialise(parameters.subspan(gates_.end()), random);
}

float lstm::loss_and_gradient(std::span<const float> parameters, const minibatch& batch,
                              std::span<float> gradient) {
  assert(gradient.size() == parameter_count());
  forward(parameters, batch);
  auto loss = top_.loss_and_gradient(parameters.subspan(gates_.end()), {last_.data(), batch.labels},
                                     gradient.subspan(gates_.end()), delta_hidden_.data());
  backward(parameters, batch.features.cols(), gradient);
  if (weight_decay_ != 0)
    loss += gates_.decay(weight_decay_, parameters, gradient);
  return static_cast<float>(loss);
}

evaluation_sums lstm::evaluate(std::span<const float> parameters, const minibatch& batch) {
  forward(parameters, batch);
  return top_.evaluate(parameters.subspan(gates_.end()), {last_.data(), batch.labels});
}

void lstm::reserve(Eigen::Index samples) {
  if (samples <= reserved_)
    return;
  reserved_ = samples;
  inputs_.resize(window_ * (units_ + 1) * samples);
  activations_.resize(window_ * 4 * units_ * samples);
  cells_.resize((window_ + 1) * units_ * samples);
  cell_tanhs_.resize(window_ * units_ * samples);
  last_.resize(units_ * samples);
  delta_hidden_.resize((units_ + 1) * samples);
  delta_cell_.resize(units_ * samples);
}

void lstm::forward(std::span<const float> parameters, const minibatch& batch) {
  assert(parameters.size() == parameter_count());
  assert(batch.features.rows() == window_);
  assert(static_cast<std::size_t>(batch.features.cols()) == batch.labels.size());
  auto samples = batch.features.cols();
  reserve(samples);
  matrix_view(inputs_.data(), units_ + 1, samples).setZero();
  matrix_view(cells_.data(), units_, samples).setZero();
  for (Eigen::Index t = 0; t < window_; ++t) {
    matrix_view input(inputs_.data() + t * (units_ + 1) * samples, units_ + 1, samples);
    input.row(units_) = batch.features.row(t);
    gates_.forward(parameters, {input.data(), input.rows(), input.cols()},
                   {activations_.data() + t * 4 * units_ * samples, 4 * units_, samples});
    advance(t, samples);
  }
}

void lstm::advance(Eigen::Index t, Eigen::Index samples) {
  for (Eigen::Index sample = 0; sample < samples; ++sample) {
    auto at = t * samples + sample;
    auto after = at + samples; // the same sample, a step on
    array_view gates(activations_.data() + at * 4 * units_, 4 * units_);
    array_view before(cells_.data() + at * units_, units_);
    array_view cell(cells_.data() + after * units_, units_);
    array_view cell_tanh(cell_tanhs_.data() + at * units_, units_);
    array_view hidden(t + 1 < window_ ? inputs_.data() + after * (units_ + 1)
                                      : last_.data() + sample * units_,
                      units_);
    gates.head(2 * units_) = gates.head(2 * units_).logistic();
    gates.segment(2 * units_, units_) = gates.segment(2 * units_, units_).tanh();
    gates.tail(units_) = gates.tail(units_).logistic();
    cell = gates.segment(units_, units_) * before +
           gates.head(units_) * gates.segment(2 * units_, units_);
    cell_tanh = cell.tanh();
    hidden = gates.tail(units_) * cell_tanh;
  }
}

void lstm::backward(std::span<const float> parameters, Eigen::Index samples,
                    std::span<float> gradient) {
  matrix_view(delta_cell_.data(), units_, samples).setZero();
  for (auto t = window_; t-- > 0;) {
    retreat(t, samples);
    if (t > 0) // nobody needs the gradient by the state before the window
      gates_.backward_input(parameters,
                            {activations_.data() + t * 4 * units_ * samples, 4 * units_, samples},
                            {delta_hidden_.data(), units_ + 1, samples});
  }
  gates_.backward({inputs_.data(), units_ + 1, window_ * samples},
                  {activations_.data(), 4 * units_, window_ * samples}, gradient);
}

void lstm::retreat(Eigen::Index t, Eigen::Index samples) {
  auto rows = t + 1 < window_ ? units_ + 1 : units_; // what the dense layers pass has no row of x
  for (Eigen::Index sample = 0; sample < samples; ++sample) {
    auto at = t * samples + sample;
    auto* __restrict gates = activations_.data() + at * 4 * units_;
    const auto* __restrict before = cells_.data() + at * units_;
    const auto* __restrict cell_tanh = cell_tanhs_.data() + at * units_;
    const auto* __restrict delta_hidden = delta_hidden_.data() + sample * rows;
    auto* __restrict delta_cell = delta_cell_.data() + sample * units_;
    for (Eigen::Index k = 0; k < units_; ++k) {
      auto i = gates[k];
      auto f = gates[units_ + k];
      auto g = gates[2 * units_ + k];
      auto o = gates[3 * units_ + k];
      auto delta = delta_cell[k] + delta_hidden[k] * o * (1 - cell_tanh[k] * cell_tanh[k]);
      gates[k] = delta * g * i * (1 - i);
      gates[units_ + k] = delta * before[k] * f * (1 - f);
      gates[2 * units_ + k] = delta * i * (1 - g * g);
      gates[3 * units_ + k] = delta_hidden[k] * cell_tanh[k] * o * (1 - o);
      delta_cell[k] = delta * f;
    }
  }
}

} // namespace adsp::learning
