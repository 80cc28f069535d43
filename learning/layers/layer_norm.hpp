// Normalisation of a place's channels by their own mean and deviation (Ba, Kiros, Hinton, 2016).
#pragma once

#include "learning/aligned_vector.hpp"
#include "learning/layers/layer.hpp"

#include <vector>

namespace adsp::learning {

/// y_c = scale_c (x_c - mean) / sqrt(variance + 1e-5) + shift_c, with mean and variance over the
/// channels of the place (the variance divided by their number, as in PyTorch). Parameters: scales
/// {channels}, then shifts {channels}.
template <class Scalar>
class layer_norm final : public layer<Scalar> {
public:
  explicit layer_norm(const shape& input) : layer<Scalar>(input, input) {}

  std::vector<tensor> tensors() const override;

  /// Scales 1, shifts 0.
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
  std::ptrdiff_t channels() const { return this->input().channels; }
  std::ptrdiff_t places() const { return this->input().height * this->input().width; }

  aligned_vector<Scalar> means_;      ///< a place
  aligned_vector<Scalar> deviations_; ///< 1 / sqrt(variance + 1e-5), one for each place
};

extern template class layer_norm<float>;
extern template class layer_norm<double>;

} // namespace adsp::learning
