// A gated recurrent unit over a series (Cho et al., 2014), with PyTorch's formulas.
#pragma once

#include "learning/layers/layer.hpp"
#include "learning/layers/product.hpp"

namespace adsp::learning {

/// With a = V^T x(t) + d and b = W^T h(t-1) + e, both split into r, z, n:
///   r = sigmoid(a_r + b_r),  z = sigmoid(a_z + b_z),  n = tanh(a_n + r b_n),  h(t) = (1 - z) n + z
///   h(t-1), with h = 0 before the series: the reset gate is applied after the product and its
///   bias. The gradient flows back through the whole series.
///
/// Input: height = steps, width x channels = numbers of a step. Output: the last h, or the series
/// of every step's h (`sequence`). Parameters: input_weights {3 units, numbers}, hidden_weights {3
/// units, units}, input_biases {3 units}, hidden_biases {3 units}, each with rows r, z, n.
template <class Scalar>
class gru_layer final : public layer<Scalar> {
public:
  gru_layer(const shape& input, std::ptrdiff_t units, bool sequence);

  std::vector<tensor> tensors() const override;

  /// Weights uniform within 1/sqrt(units), biases 0.
  void initialise(std::span<Scalar> parameters, generator& random) const override;

  bool reads_output() const override { return false; }
  void reserve(std::ptrdiff_t samples) override;
  std::uint64_t scratch_bytes(std::ptrdiff_t samples) const override;
  void forward(std::span<const Scalar> parameters, const_batch_view<Scalar> input,
               batch_view<Scalar> output, const pass& how) override;
  void backward(std::span<const Scalar> parameters, const_batch_view<Scalar> input,
                const_batch_view<Scalar> output, batch_view<Scalar> delta,
                std::span<Scalar> gradient, batch_view<Scalar> passed) override;

private:
  using numbers = Eigen::Array<Scalar, Eigen::Dynamic, 1>;

  std::ptrdiff_t steps() const { return this->input().height; }
  std::ptrdiff_t inputs() const { return this->input().width * this->input().channels; }

  // Where parts of the parameters start.
  std::ptrdiff_t hidden_weights() const { return 3 * units_ * inputs(); }
  std::ptrdiff_t input_biases() const { return hidden_weights() + 3 * units_ * units_; }
  std::ptrdiff_t hidden_biases() const { return input_biases() + 3 * units_; }

  /// Computes r, z, n, b_n and h(t) from the products.
  void advance(const Scalar* input_biases, std::ptrdiff_t t, batch_view<Scalar> output);

  /// One step of backpropagation: `by_input_` and `by_hidden_` become the gradients by a and b,
  /// `delta_hidden_` the gradient by h(t-1) except for the path through b.
  void retreat(std::ptrdiff_t t, const_batch_view<Scalar> delta);

  std::ptrdiff_t units_;
  bool sequence_;
  std::ptrdiff_t reserved_ = 0; ///< samples the scratch is large enough for
  packed_left<Scalar> from_input_;
  packed_left<Scalar> from_hidden_;
  packed_left<Scalar> to_input_;
  packed_left<Scalar> to_hidden_;
  // A matrix for each step, with a column for each sample.
  numbers by_input_;     ///< steps x 3 units: a, then r, z, n, then the gradient by a
  numbers by_hidden_;    ///< steps x 3 units: b, then the gradient by b
  numbers hidden_;       ///< (steps + 1) x units: h(t-1); the first is 0
  numbers delta_hidden_; ///< units
};

extern template class gru_layer<float>;
extern template class gru_layer<double>;

} // namespace adsp::learning
