// Normalisation of each number by its neighbours among the channels (Krizhevsky, Sutskever, Hinton, 2012, section 3.3).
#pragma once

#include "learning/layer.hpp"

#include <vector>

namespace adsp::learning {

/// y_c = x_c / s_c^beta with s_c = bias + alpha * sum of x_j^2 over the `depth` channels j around c that there are. Alpha
/// is not divided by the depth, as in the paper and TensorFlow; PyTorch divides.
template <class Scalar>
class local_response_norm final : public layer<Scalar> {
public:
  /// `depth`: odd; `bias` > 0; `alpha`, `beta` not negative.
  local_response_norm(const shape& input, std::ptrdiff_t depth, double bias, double alpha,
                      double beta);

  bool reads_output() const override { return false; }
  void reserve(std::ptrdiff_t samples) override;
  void forward(std::span<const Scalar> parameters, const_batch_view<Scalar> input,
               batch_view<Scalar> output, const pass& how) override;
  void backward(std::span<const Scalar> parameters, const_batch_view<Scalar> input,
                const_batch_view<Scalar> output, batch_view<Scalar> delta,
                std::span<Scalar> gradient, batch_view<Scalar> passed) override;

private:
  using array = Eigen::Array<Scalar, Eigen::Dynamic, 1>;

  /// `into` = sums of the middle of `padded_` over the window around each channel.
  template <class Into>
  void window_sums(Into&& into) const;

  std::ptrdiff_t channels_;
  std::ptrdiff_t depth_;
  Scalar bias_;
  Scalar alpha_;
  Scalar beta_;
  array padded_;               ///< a place's channels between zeros
  array sums_;                 ///< a place's
  std::vector<Scalar> scales_; ///< s, as the input lies
};

extern template class local_response_norm<float>;
extern template class local_response_norm<double>;

} // namespace adsp::learning
