// Every step is one product for the whole minibatch; samples are columns.
#include "learning/lstm_layer.hpp"

#include <algorithm>
#include <cmath>

namespace adsp::learning {

template <class Scalar>
lstm_layer<Scalar>::lstm_layer(const shape& input, std::ptrdiff_t units, bool sequence)
    : layer<Scalar>(input, sequence ? shape{input.height, 1, units} : flat(units)),
      steps_{input.height}, numbers_{input.width * input.channels}, units_{units}, sequence_{
                                                                                       sequence} {}

template <class Scalar>
std::vector<tensor> lstm_layer<Scalar>::tensors() const {
  return {{"weights", {4 * units_, rows()}, true}, {"biases", {4 * units_}, false}};
}

template <class Scalar>
void lstm_layer<Scalar>::initialise(std::span<Scalar> parameters, generator& random) const {
  const auto weights = static_cast<std::size_t>(4 * units_ * rows());
  const auto bound = 1 / std::sqrt(static_cast<double>(units_));
  for (auto& w : parameters.first(weights))
    w = static_cast<Scalar>(bound * (2 * random.uniform() - 1));
  const auto biases = parameters.subspan(weights);
  const auto units = static_cast<std::size_t>(units_);
  std::ranges::fill(biases, Scalar{0});
  std::ranges::fill(biases.subspan(units, units), Scalar{1});
}

template <class Scalar>
void lstm_layer<Scalar>::reserve(std::ptrdiff_t samples) {
  const auto grow = [samples](std::vector<Scalar>& scratch, std::ptrdiff_t size) {
    scratch.resize(std::max(scratch.size(), static_cast<std::size_t>(size * samples)));
  };
  grow(inputs_, (steps_ + 1) * rows());
  grow(gates_, steps_ * 4 * units_);
  grow(cells_, (steps_ + 1) * units_);
  grow(cell_tanhs_, steps_ * units_);
  grow(delta_inputs_, rows());
  grow(delta_hidden_, units_);
  grow(delta_cell_, units_);
}

template <class Scalar>
batch_view<Scalar> lstm_layer<Scalar>::at(std::vector<Scalar>& scratch, std::ptrdiff_t t,
                                          std::ptrdiff_t height, std::ptrdiff_t samples) const {
  return {scratch.data() + t * height * samples, height, samples};
}

template <class Scalar>
void lstm_layer<Scalar>::forward(std::span<const Scalar> parameters, const_batch_view<Scalar> input,
                                 batch_view<Scalar> output, const pass&) {
  const auto samples = input.cols();
  const const_batch_view<Scalar> biases{parameters.data() + 4 * units_ * rows(), 4 * units_, 1};
  weights_.pack({parameters.data(), rows(), 1}, 4 * units_, rows());
  at(inputs_, 0, rows(), samples).topRows(units_).setZero();
  at(cells_, 0, units_, samples).setZero();
  for (std::ptrdiff_t t = 0; t < steps_; ++t) {
    auto in = at(inputs_, t, rows(), samples);
    in.bottomRows(numbers_) = input.middleRows(t * numbers_, numbers_);
    auto z = at(gates_, t, 4 * units_, samples);
    z.colwise() = biases.col(0);
    weights_.multiply(in.data(), {1, 0, rows(), 1, rows()}, samples, {z.data(), 1, 4 * units_},
                      true);
    advance(t, samples);
    const auto hidden = at(inputs_, t + 1, rows(), samples).topRows(units_);
    if (sequence_)
      output.middleRows(t * units_, units_) = hidden;
    else if (t + 1 == steps_)
      output = hidden;
  }
}

template <class Scalar>
void lstm_layer<Scalar>::advance(std::ptrdiff_t t, std::ptrdiff_t samples) {
  auto gates = at(gates_, t, 4 * units_, samples);
  const auto before = at(cells_, t, units_, samples);
  auto after = at(cells_, t + 1, units_, samples);
  auto cell_tanh = at(cell_tanhs_, t, units_, samples);
  auto next = at(inputs_, t + 1, rows(), samples);
  for (std::ptrdiff_t s = 0; s < samples; ++s) {
    auto gate = gates.col(s).array();
    gate.head(2 * units_) = gate.head(2 * units_).logistic();
    gate.segment(2 * units_, units_) = gate.segment(2 * units_, units_).tanh();
    gate.tail(units_) = gate.tail(units_).logistic();
    after.col(s).array() = gate.segment(units_, units_) * before.col(s).array() +
                           gate.head(units_) * gate.segment(2 * units_, units_);
    cell_tanh.col(s).array() = after.col(s).array().tanh();
    next.col(s).head(units_).array() = gate.tail(units_) * cell_tanh.col(s).array();
  }
}

template <class Scalar>
void lstm_layer<Scalar>::backward(std::span<const Scalar> parameters, const_batch_view<Scalar>,
                                  const_batch_view<Scalar>, batch_view<Scalar> delta,
                                  std::span<Scalar> gradient, batch_view<Scalar> passed) {
  const auto samples = delta.cols();
  const auto wanted = passed.data() == nullptr ? units_ : rows(); // nobody may ask for x's part
  weights_.pack({parameters.data(), 1, rows()}, wanted, 4 * units_);
  auto hidden = at(delta_hidden_, 0, units_, samples);
  auto below = batch_view<Scalar>(delta_inputs_.data(), rows(), samples);
  at(delta_cell_, 0, units_, samples).setZero();
  for (auto t = steps_; t-- > 0;) {
    if (t + 1 == steps_)
      hidden = delta.bottomRows(units_);
    else if (sequence_)
      hidden = below.topRows(units_) + delta.middleRows(t * units_, units_);
    else
      hidden = below.topRows(units_);
    retreat(t, samples);
    if (t == 0 && passed.data() == nullptr)
      break; // nobody needs the gradient by the state before the window
    const auto* z = gates_.data() + t * 4 * units_ * samples;
    weights_.multiply(z, {1, 0, 4 * units_, 1, 4 * units_}, samples, {below.data(), 1, rows()});
    if (passed.data() != nullptr)
      passed.middleRows(t * numbers_, numbers_) = below.bottomRows(numbers_);
  }
  const auto columns = steps_ * samples;
  const auto weights = 4 * units_ * rows();
  multiply<Scalar>({inputs_.data(), 1, rows()}, {gates_.data(), 4 * units_, 1},
                   {gradient.data(), 1, rows()}, rows(), 4 * units_, columns);
  auto sums = batch_view<Scalar>(gradient.data() + weights, 4 * units_, 1).col(0);
  sums.setZero();
  for (std::ptrdiff_t i = 0; i < columns; ++i)
    sums += batch_view<Scalar>(gates_.data() + i * 4 * units_, 4 * units_, 1).col(0);
}

template <class Scalar>
void lstm_layer<Scalar>::retreat(std::ptrdiff_t t, std::ptrdiff_t samples) {
  for (std::ptrdiff_t s = 0; s < samples; ++s) {
    auto* __restrict gates = gates_.data() + (t * samples + s) * 4 * units_;
    const auto* __restrict before = cells_.data() + (t * samples + s) * units_;
    const auto* __restrict cell_tanh = cell_tanhs_.data() + (t * samples + s) * units_;
    const auto* __restrict delta_hidden = delta_hidden_.data() + s * units_;
    auto* __restrict delta_cell = delta_cell_.data() + s * units_;
    for (std::ptrdiff_t k = 0; k < units_; ++k) {
      const auto i = gates[k];
      const auto f = gates[units_ + k];
      const auto g = gates[2 * units_ + k];
      const auto o = gates[3 * units_ + k];
      const auto delta = delta_cell[k] + delta_hidden[k] * o * (1 - cell_tanh[k] * cell_tanh[k]);
      gates[k] = delta * g * i * (1 - i);
      gates[units_ + k] = delta * before[k] * f * (1 - f);
      gates[2 * units_ + k] = delta * i * (1 - g * g);
      gates[3 * units_ + k] = delta_hidden[k] * cell_tanh[k] * o * (1 - o);
      delta_cell[k] = delta * f;
    }
  }
}

template class lstm_layer<float>;
template class lstm_layer<double>;

} // namespace adsp::learning
