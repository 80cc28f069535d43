// A vector of parameters for each token.
#pragma once

#include "learning/layers/layer.hpp"

namespace adsp::learning {

/// Whether `x` is a whole number with 0 <= x < vocabulary. Also used to check data before training.
bool is_token(double x, std::ptrdiff_t vocabulary);

/// Each number of the input is a token; the output is the series of all tokens' vectors: height *
/// width * channels x 1 x units. Parameters: weights {vocabulary, units}.
///
/// A number that is not a token becomes NaN, and so do the loss and the gradients: data that does
/// not fit the vocabulary must show as diverged training, which using the nearest token would hide.
/// The largest vocabulary is 2^24, up to which a float represents every whole number.
template <class Scalar>
class embedding_layer final : public layer<Scalar> {
public:
  embedding_layer(const shape& input, std::ptrdiff_t vocabulary, std::ptrdiff_t units);

  std::vector<tensor> tensors() const override;

  /// Normal with deviation 1, as in PyTorch.
  void initialise(std::span<Scalar> parameters, generator& random) const override;

  bool reads_output() const override { return false; }
  void forward(std::span<const Scalar> parameters, const_batch_view<Scalar> input,
               batch_view<Scalar> output, const pass& how) override;

  /// The gradient by the input is 0: a token is a name, not a quantity.
  void backward(std::span<const Scalar> parameters, const_batch_view<Scalar> input,
                const_batch_view<Scalar> output, batch_view<Scalar> delta,
                std::span<Scalar> gradient, batch_view<Scalar> passed) override;

private:
  std::ptrdiff_t vocabulary_;
  std::ptrdiff_t units_;
};

extern template class embedding_layer<float>;
extern template class embedding_layer<double>;

} // namespace adsp::learning
