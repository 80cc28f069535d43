#include "learning/local_response_norm.hpp"

#include <algorithm>

namespace adsp::learning {

namespace {

/// x^-beta; the usual exponent without a logarithm.
template <class Powers, class Scalar, class Into>
void inverse_power(const Powers& x, Scalar beta, Into& into) {
  if (beta == Scalar{0.75})
    into = (x.sqrt() * x.sqrt().sqrt()).inverse();
  else
    into = (-beta * x.log()).exp();
}

} // namespace

template <class Scalar>
local_response_norm<Scalar>::local_response_norm(const shape& input, std::ptrdiff_t depth,
                                                 double bias, double alpha, double beta)
    : layer<Scalar>(input, input), channels_{input.channels}, depth_{depth},
      bias_{static_cast<Scalar>(bias)}, alpha_{static_cast<Scalar>(alpha)},
      beta_{static_cast<Scalar>(beta)}, padded_{array::Zero(input.channels + depth - 1)},
      sums_(input.channels) {}

template <class Scalar>
void local_response_norm<Scalar>::reserve(std::ptrdiff_t samples) {
  scales_.resize(
      std::max(scales_.size(), static_cast<std::size_t>(this->input().size() * samples)));
}

template <class Scalar>
template <class Into>
void local_response_norm<Scalar>::window_sums(Into&& into) const {
  into = padded_.head(channels_);
  for (std::ptrdiff_t k = 1; k < depth_; ++k)
    into += padded_.segment(k, channels_);
}

template <class Scalar>
void local_response_norm<Scalar>::forward(std::span<const Scalar>, const_batch_view<Scalar> input,
                                          batch_view<Scalar> output, const pass&) {
  const auto places = input.size() / channels_;
  const const_batch_view<Scalar> in{input.data(), channels_, places};
  batch_view<Scalar> out{output.data(), channels_, places};
  batch_view<Scalar> scales{scales_.data(), channels_, places};
  for (std::ptrdiff_t i = 0; i < places; ++i) {
    padded_.segment(depth_ / 2, channels_) = in.col(i).array().square();
    window_sums(sums_);
    sums_ = bias_ + alpha_ * sums_;
    scales.col(i) = sums_.matrix();
    inverse_power(scales.col(i).array(), beta_, sums_);
    out.col(i) = in.col(i).cwiseProduct(sums_.matrix());
  }
}

template <class Scalar>
void local_response_norm<Scalar>::backward(std::span<const Scalar>, const_batch_view<Scalar> input,
                                           const_batch_view<Scalar>, batch_view<Scalar> delta,
                                           std::span<Scalar>, batch_view<Scalar> passed) {
  if (passed.data() == nullptr)
    return;
  const auto places = input.size() / channels_;
  const const_batch_view<Scalar> in{input.data(), channels_, places};
  const batch_view<Scalar> scales{scales_.data(), channels_, places};
  batch_view<Scalar> by_out{delta.data(), channels_, places};
  batch_view<Scalar> by_in{passed.data(), channels_, places};
  const auto factor = 2 * alpha_ * beta_;
  for (std::ptrdiff_t i = 0; i < places; ++i) {
    const auto s = scales.col(i).array();
    inverse_power(s, beta_, sums_);
    by_out.col(i).array() *= sums_;
    padded_.segment(depth_ / 2, channels_) = by_out.col(i).array() * in.col(i).array() / s;
    window_sums(sums_);
    by_in.col(i).array() = by_out.col(i).array() - factor * in.col(i).array() * sums_;
  }
}

template class local_response_norm<float>;
template class local_response_norm<double>;

} // namespace adsp::learning
