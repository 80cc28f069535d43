// A long short-term memory over a window of steps (Hochreiter and Schmidhuber, 1997; forget gate:
// Gers et al., 2000).
#pragma once

#include "learning/layers/layer.hpp"
#include "learning/layers/product.hpp"

namespace adsp::learning {

/// With z = W^T [h(t-1); x(t)] + b, split into i, f, g, o:
///   c(t) = sigmoid(f) c(t-1) + sigmoid(i) tanh(g),  h(t) = sigmoid(o) tanh(c(t)),
/// both 0 before the window. The height of the input is the number of steps, the rest are the
/// numbers of a step. Passes on the last h, or every step's h as steps x 1 x units. The gradient
/// flows back through the whole window.
///
/// Parameters: W, units + numbers inputs (h first) x 4 units outputs (i, f, g, o), an output's
/// weights contiguous, then b.
template <class Scalar>
class lstm_layer final : public layer<Scalar> {
public:
  /// `sequence`: every step's h is passed on.
  lstm_layer(const shape& input, std::ptrdiff_t units, bool sequence);

  std::vector<tensor> tensors() const override;

  /// Weights uniform within +-1/sqrt(units), biases 0 except 1 for the forget gate (Jozefowicz et
  /// al., 2015).
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
  using numbers = Eigen::Array<Scalar, Eigen::Dynamic, 1>; ///< aligned for the widest registers

  std::ptrdiff_t rows() const { return units_ + numbers_; } ///< of W

  /// Step `t` of a scratch array that has a matrix of `height` x samples for each step.
  batch_view<Scalar> at(numbers& scratch, std::ptrdiff_t t, std::ptrdiff_t height,
                        std::ptrdiff_t samples) const;

  /// From c(t-1) and i, f, g, o before biases and functions (replaced in place), computes c(t),
  /// tanh(c(t)) and h(t).
  void advance(const Scalar* biases, std::ptrdiff_t t, std::ptrdiff_t samples);

  /// One step back, from the gradient by h(t) in `delta_hidden_`: the gates become the gradient by
  /// z; `delta_cell_` goes from c(t) to c(t-1).
  void retreat(std::ptrdiff_t t, std::ptrdiff_t samples);

  std::ptrdiff_t steps_;
  std::ptrdiff_t numbers_; ///< of a step's input
  std::ptrdiff_t units_;
  bool sequence_;
  packed_left<Scalar> weights_; ///< W^T forward, W backward
  // For each step, one after the other, a matrix with a column for each sample.
  numbers inputs_;       ///< steps + 1 times units + numbers: h(t-1), x(t)
  numbers gates_;        ///< steps times 4 units, then the gradient by z
  numbers cells_;        ///< steps + 1 times units: c(t-1); the first is 0
  numbers cell_tanhs_;   ///< steps times units: tanh(c(t))
  numbers delta_inputs_; ///< units + numbers: gradient by [h(t-1); x(t)]
  numbers delta_hidden_; ///< units
  numbers delta_cell_;   ///< units
};

extern template class lstm_layer<float>;
extern template class lstm_layer<double>;

} // namespace adsp::learning
