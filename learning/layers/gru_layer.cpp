#include "learning/layers/gru_layer.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace adsp::learning {

using Eigen::Index;

template <class Scalar>
gru_layer<Scalar>::gru_layer(const shape& input, std::ptrdiff_t units, bool sequence)
    : layer<Scalar>(input, sequence ? shape{input.height, 1, units} : flat(units)), units_(units),
      sequence_(sequence) {}

template <class Scalar>
std::vector<tensor> gru_layer<Scalar>::tensors() const {
  return {{"input_weights", {3 * units_, inputs()}, true},
          {"hidden_weights", {3 * units_, units_}, true},
          {"input_biases", {3 * units_}, false},
          {"hidden_biases", {3 * units_}, false}};
}

template <class Scalar>
void gru_layer<Scalar>::initialise(std::span<Scalar> parameters, generator& random) const {
  const auto bound = 1 / std::sqrt(static_cast<double>(units_));
  const auto weights = static_cast<std::size_t>(input_biases());
  for (auto& w : parameters.first(weights))
    w = static_cast<Scalar>(bound * (2 * random.uniform() - 1));
  std::ranges::fill(parameters.subspan(weights), Scalar{0});
}

template <class Scalar>
void gru_layer<Scalar>::reserve(std::ptrdiff_t samples) {
  if (samples <= reserved_)
    return;
  reserved_ = samples;
  by_input_.resize(steps() * 3 * units_ * samples);
  by_hidden_.resize(steps() * 3 * units_ * samples);
  hidden_.resize((steps() + 1) * units_ * samples);
  delta_hidden_.resize(units_ * samples);
}

template <class Scalar>
std::uint64_t gru_layer<Scalar>::scratch_bytes(std::ptrdiff_t samples) const {
  using packed = packed_left<Scalar>;
  const auto count = (7 * steps() + 2) * units_ * samples;
  return static_cast<std::uint64_t>(count) * sizeof(Scalar) + packed::bytes(3 * units_, inputs()) +
         packed::bytes(3 * units_, units_) + packed::bytes(units_, 3 * units_) +
         packed::bytes(inputs(), 3 * units_);
}

template <class Scalar>
void gru_layer<Scalar>::forward(std::span<const Scalar> parameters, const_batch_view<Scalar> input,
                                batch_view<Scalar> output, const pass&) {
  const auto samples = input.cols();
  assert(samples <= reserved_);
  const auto* w = parameters.data();
  const auto matrix_size = 3 * units_ * samples;
  from_input_.pack({w, inputs(), 1}, 3 * units_, inputs());
  from_hidden_.pack({w + hidden_weights(), units_, 1}, 3 * units_, units_);
  hidden_.head(units_ * samples).setZero();
  by_hidden_.head(matrix_size).setZero(); // h(0) is zero
  for (Index t = 0; t < steps(); ++t) {
    from_input_.multiply(input.data() + t * inputs(), {1, 0, inputs(), 1, input.rows()}, samples,
                         {by_input_.data() + t * matrix_size, 1, 3 * units_});
    if (t > 0)
      from_hidden_.multiply(hidden_.data() + t * units_ * samples, {1, 0, units_, 1, units_},
                            samples, {by_hidden_.data() + t * matrix_size, 1, 3 * units_});
    advance(w + input_biases(), t, output);
  }
}

template <class Scalar>
void gru_layer<Scalar>::advance(const Scalar* input_biases, std::ptrdiff_t t,
                                batch_view<Scalar> output) {
  using view = Eigen::Map<numbers>;
  using const_view = Eigen::Map<const numbers>;
  const auto* hidden_biases = input_biases + 3 * units_;
  const auto samples = output.cols();
  for (Index sample = 0; sample < samples; ++sample) {
    const auto at = t * samples + sample;
    auto* a = by_input_.data() + at * 3 * units_;
    auto* b = by_hidden_.data() + at * 3 * units_;
    view both(a, 2 * units_);
    both = (both + view(b, 2 * units_) + const_view(input_biases, 2 * units_) +
            const_view(hidden_biases, 2 * units_))
               .logistic();
    view reset(a, units_);
    view keep(a + units_, units_);
    view fresh(a + 2 * units_, units_);
    view remembered(b + 2 * units_, units_);
    remembered += const_view(hidden_biases + 2 * units_, units_);
    fresh = (fresh + const_view(input_biases + 2 * units_, units_) + reset * remembered).tanh();
    view before(hidden_.data() + at * units_, units_);
    view after(hidden_.data() + (at + samples) * units_, units_); // the same sample, one step later
    after = (Scalar{1} - keep) * fresh + keep * before;
    if (sequence_)
      view(&output(t * units_, sample), units_) = after;
    else if (t + 1 == steps())
      view(&output(0, sample), units_) = after;
  }
}

template <class Scalar>
void gru_layer<Scalar>::backward(std::span<const Scalar> parameters, const_batch_view<Scalar> input,
                                 const_batch_view<Scalar>, batch_view<Scalar> delta,
                                 std::span<Scalar> gradient, batch_view<Scalar> passed) {
  const auto samples = delta.cols();
  const auto* w = parameters.data();
  const auto gates = 3 * units_;
  delta_hidden_.head(units_ * samples).setZero(); // no gradient comes from beyond the series
  to_hidden_.pack({w + hidden_weights(), 1, units_}, units_, gates);
  if (passed.data())
    to_input_.pack({w, 1, inputs()}, inputs(), gates);
  for (auto t = steps(); t-- > 0;) {
    const auto* by_input = by_input_.data() + t * gates * samples;
    const auto* by_hidden = by_hidden_.data() + t * gates * samples;
    retreat(t, {delta.data(), delta.rows(), samples});
    if (t > 0) // the gradient by the state before the series is not needed
      to_hidden_.multiply(by_hidden, {1, 0, gates, 1, gates}, samples,
                          {delta_hidden_.data(), 1, units_}, true);
    if (passed.data())
      to_input_.multiply(by_input, {1, 0, gates, 1, gates}, samples,
                         {passed.data() + t * inputs(), 1, passed.rows()});
    // The inputs of a step lie a whole series apart.
    multiply<Scalar>({input.data() + t * inputs(), 1, input.rows()}, {by_input, gates, 1},
                     {gradient.data(), 1, inputs()}, inputs(), gates, samples, t + 1 < steps());
  }
  multiply<Scalar>({hidden_.data(), 1, units_}, {by_hidden_.data(), gates, 1},
                   {gradient.data() + hidden_weights(), 1, units_}, units_, gates,
                   steps() * samples);
  const auto sum = [&](const numbers& from, std::ptrdiff_t into) {
    auto sums = batch_view<Scalar>(gradient.data() + into, gates, 1).col(0);
    sums.setZero();
    const_batch_view<Scalar> all(from.data(), gates, steps() * samples);
    for (Index column = 0; column < all.cols(); ++column)
      sums += all.col(column);
  };
  sum(by_input_, input_biases());
  sum(by_hidden_, hidden_biases());
}

template <class Scalar>
void gru_layer<Scalar>::retreat(std::ptrdiff_t t, const_batch_view<Scalar> delta) {
  using view = Eigen::Map<numbers>;
  using const_view = Eigen::Map<const numbers>;
  const auto one = Scalar{1};
  const auto samples = delta.cols();
  const auto units = units_;
  for (Index sample = 0; sample < samples; ++sample) {
    const auto at = t * samples + sample;
    view reset(by_input_.data() + at * 3 * units, units);
    view keep(reset.data() + units, units);
    view fresh(keep.data() + units, units);
    view reset_too(by_hidden_.data() + at * 3 * units, units);
    view keep_too(reset_too.data() + units, units);
    view remembered(keep_too.data() + units, units);
    const view before(hidden_.data() + at * units, units);
    view hidden(delta_hidden_.data() + sample * units, units);
    if (sequence_ || t + 1 == steps())
      hidden += const_view(delta.col(sample).data() + (sequence_ ? t * units : 0), units);
    keep_too = hidden * (before - fresh) * keep * (one - keep);
    fresh = hidden * (one - keep) * (one - fresh.square());
    hidden *= keep;
    keep = keep_too;
    reset_too = fresh * remembered * reset * (one - reset);
    remembered = fresh * reset;
    reset = reset_too;
  }
}

template class gru_layer<float>;
template class gru_layer<double>;

} // namespace adsp::learning
