// Normalisation of each number by its neighbours among the channels (Krizhevsky, Sutskever, Hinton,
// 2012, section 3.3).
#pragma once

#include "learning/layers/layer.hpp"

#include <utility>

namespace adsp::learning {

/// y_c = x_c / s_c^beta with s_c = bias + alpha * sum of x_j^2 over the `depth` channels j around
/// c, as far as they exist. Alpha is not divided by the depth, as in the paper and TensorFlow;
/// PyTorch divides it.
template <class Scalar>
class local_response_norm final : public layer<Scalar> {
public:
  /// `depth`: odd; `bias` > 0; `alpha`, `beta` not negative.
  local_response_norm(const shape& input, std::ptrdiff_t depth, double bias, double alpha,
                      double beta);

  bool reads_output() const override { return false; }
  void forward(std::span<const Scalar> parameters, const_batch_view<Scalar> input,
               batch_view<Scalar> output, const pass& how) override;
  void backward(std::span<const Scalar> parameters, const_batch_view<Scalar> input,
                const_batch_view<Scalar> output, batch_view<Scalar> delta,
                std::span<Scalar> gradient, batch_view<Scalar> passed) override;

private:
  using array = Eigen::Array<Scalar, Eigen::Dynamic, 1>;

  /// Distance of two places in the scratch: between them is half a window of zeros, which both
  /// share.
  std::ptrdiff_t stride() const { return channels_ + depth_ / 2; }

  /// Fills `squares_` with the squares of that many places.
  void square(const Scalar* in, std::ptrdiff_t places);

  // Inlined, because a call would pass packets through memory and take as long as the sum.

  /// Sums of the windows that begin at `from` and the elements after it.
  template <class Packet>
  EIGEN_ALWAYS_INLINE Packet window_sums(const Scalar* from) const;

  /// s^-beta and 1/s.
  template <class Packet>
  EIGEN_ALWAYS_INLINE std::pair<Packet, Packet> powers(const Packet& sum) const;

  std::ptrdiff_t channels_;
  std::ptrdiff_t depth_;
  Scalar bias_;
  Scalar alpha_;
  Scalar beta_;
  std::ptrdiff_t block_; ///< places at a time, as many as fit into the first-level cache
  array squares_;        ///< of a block, with zeros between places
  array terms_;          ///< x_c / s_c times `scaled_`, laid out as the squares
  array scaled_;         ///< a block's gradients by the output, divided by s^beta
};

extern template class local_response_norm<float>;
extern template class local_response_norm<double>;

} // namespace adsp::learning
