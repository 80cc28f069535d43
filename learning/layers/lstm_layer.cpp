// Every step is one product for the whole minibatch; samples are columns.
#include "learning/layers/lstm_layer.hpp"

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
  const auto grow = [samples](numbers& scratch, std::ptrdiff_t size) {
    scratch.resize(std::max(scratch.size(), size * samples));
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
std::uint64_t lstm_layer<Scalar>::scratch_bytes(std::ptrdiff_t samples) const {
  const auto count = ((steps_ + 2) * rows() + (6 * steps_ + 3) * units_) * samples;
  const auto packed = std::max(packed_left<Scalar>::bytes(4 * units_, rows()),
                               packed_left<Scalar>::bytes(rows(), 4 * units_));
  return static_cast<std::uint64_t>(count) * sizeof(Scalar) + packed;
}

template <class Scalar>
batch_view<Scalar> lstm_layer<Scalar>::at(numbers& scratch, std::ptrdiff_t t, std::ptrdiff_t height,
                                          std::ptrdiff_t samples) const {
  return {scratch.data() + t * height * samples, height, samples};
}

template <class Scalar>
void lstm_layer<Scalar>::forward(std::span<const Scalar> parameters, const_batch_view<Scalar> input,
                                 batch_view<Scalar> output, const pass&) {
  const auto samples = input.cols();
  const auto* biases = parameters.data() + 4 * units_ * rows();
  weights_.pack({parameters.data(), rows(), 1}, 4 * units_, rows());
  at(inputs_, 0, rows(), samples).topRows(units_).setZero();
  at(cells_, 0, units_, samples).setZero();
  for (std::ptrdiff_t t = 0; t < steps_; ++t) {
    auto in = at(inputs_, t, rows(), samples);
    in.bottomRows(numbers_) = input.middleRows(t * numbers_, numbers_);
    auto z = at(gates_, t, 4 * units_, samples);
    if (t == 0) // h is 0
      multiply<Scalar>({parameters.data() + units_, rows(), 1}, {in.data() + units_, 1, rows()},
                       {z.data(), 1, 4 * units_}, 4 * units_, samples, numbers_);
    else
      weights_.multiply(in.data(), {1, 0, rows(), 1, rows()}, samples, {z.data(), 1, 4 * units_});
    advance(biases, t, samples);
    const auto hidden = at(inputs_, t + 1, rows(), samples).topRows(units_);
    if (sequence_)
      output.middleRows(t * units_, units_) = hidden;
    else if (t + 1 == steps_)
      output = hidden;
  }
}

template <class Scalar>
void lstm_layer<Scalar>::advance(const Scalar* biases, std::ptrdiff_t t, std::ptrdiff_t samples) {
  const auto bias = const_batch_view<Scalar>(biases, 4 * units_, 1).col(0).array();
  auto gates = at(gates_, t, 4 * units_, samples);
  const auto before = at(cells_, t, units_, samples);
  auto after = at(cells_, t + 1, units_, samples);
  auto cell_tanh = at(cell_tanhs_, t, units_, samples);
  auto next = at(inputs_, t + 1, rows(), samples);
  for (std::ptrdiff_t s = 0; s < samples; ++s) {
    auto gate = gates.col(s).array();
    gate.head(2 * units_) = (gate.head(2 * units_) + bias.head(2 * units_)).logistic();
    gate.segment(2 * units_, units_) =
        (gate.segment(2 * units_, units_) + bias.segment(2 * units_, units_)).tanh();
    gate.tail(units_) = (gate.tail(units_) + bias.tail(units_)).logistic();
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
  const auto wanted = passed.data() == nullptr ? units_ : rows(); // x's part may not be wanted
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
      break; // the gradient by the state before the window is not needed
    const auto* z = gates_.data() + t * 4 * units_ * samples;
    weights_.multiply(z, {1, 0, 4 * units_, 1, 4 * units_}, samples, {below.data(), 1, rows()});
    if (passed.data() != nullptr)
      passed.middleRows(t * numbers_, numbers_) = below.bottomRows(numbers_);
  }
  const auto columns = steps_ * samples;
  const auto weights = 4 * units_ * rows();
  // h and x separately: one row beyond full tiles would cost as much as a tile. h is 0 in the first
  // step.
  const auto skipped = steps_ > 1 ? samples : 0;
  multiply<Scalar>({inputs_.data() + skipped * rows(), 1, rows()},
                   {gates_.data() + skipped * 4 * units_, 4 * units_, 1},
                   {gradient.data(), 1, rows()}, units_, 4 * units_, columns - skipped);
  multiply<Scalar>({inputs_.data() + units_, 1, rows()}, {gates_.data(), 4 * units_, 1},
                   {gradient.data() + units_, 1, rows()}, numbers_, 4 * units_, columns);
  auto sums = batch_view<Scalar>(gradient.data() + weights, 4 * units_, 1).col(0);
  sums.setZero();
  for (std::ptrdiff_t i = 0; i < columns; ++i)
    sums += batch_view<Scalar>(gates_.data() + i * 4 * units_, 4 * units_, 1).col(0);
}

template <class Scalar>
void lstm_layer<Scalar>::retreat(std::ptrdiff_t t, std::ptrdiff_t samples) {
  const auto one = Scalar{1};
  auto gates = at(gates_, t, 4 * units_, samples);
  const auto befores = at(cells_, t, units_, samples);
  const auto cell_tanhs = at(cell_tanhs_, t, units_, samples);
  auto delta_hiddens = at(delta_hidden_, 0, units_, samples);
  auto delta_cells = at(delta_cell_, 0, units_, samples);
  for (std::ptrdiff_t s = 0; s < samples; ++s) {
    auto in = gates.col(s).array().head(units_);
    auto forget = gates.col(s).array().segment(units_, units_);
    auto update = gates.col(s).array().segment(2 * units_, units_);
    auto out = gates.col(s).array().tail(units_);
    const auto cell_tanh = cell_tanhs.col(s).array();
    auto delta = delta_cells.col(s).array();
    auto hidden = delta_hiddens.col(s).array();
    delta += hidden * out * (one - cell_tanh.square());
    out = hidden * cell_tanh * out * (one - out);
    // The gradient by h is not needed from here on: its memory serves as a temporary.
    hidden = delta * in * (one - update.square());
    in = delta * update * in * (one - in);
    update = hidden;
    hidden = delta * forget;
    forget = hidden * befores.col(s).array() * (one - forget);
    delta = hidden;
  }
}

template class lstm_layer<float>;
template class lstm_layer<double>;

} // namespace adsp::learning
