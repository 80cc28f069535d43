// Uses Eigen's packets and works on a block of places at a time, because reading a packet just
// written at other bounds stalls. Keeps nothing for the backward pass: summing again costs less
// than writing and reading memory.
#include "learning/layers/local_response_norm.hpp"

#include <algorithm>

namespace adsp::learning {

using namespace Eigen::internal;

using Eigen::Index;

namespace {

/// Bytes of each array of the scratch.
constexpr Index block_bytes = 6144;

/// Calls `step` with the first channel of each full packet, then with each remaining channel.
template <class Scalar, class Step>
void for_channels(Index channels, const Step& step) {
  using packet = typename packet_traits<Scalar>::type;
  constexpr Index lanes = packet_traits<Scalar>::size;
  Index c = 0;
  for (; c + lanes <= channels; c += lanes)
    step.template operator()<packet>(c);
  for (; c < channels; ++c)
    step.template operator()<Scalar>(c);
}

} // namespace

template <class Scalar>
local_response_norm<Scalar>::local_response_norm(const shape& input, std::ptrdiff_t depth,
                                                 double bias, double alpha, double beta)
    : layer<Scalar>(input, input), channels_{input.channels},
      depth_{std::min(depth, 2 * input.channels - 1)}, // a wider window covers nothing more
      bias_{static_cast<Scalar>(bias)}, alpha_{static_cast<Scalar>(alpha)},
      beta_{static_cast<Scalar>(beta)}, block_{std::max<Index>(
                                            1, block_bytes / static_cast<Index>(sizeof(Scalar)) /
                                                   stride())},
      squares_{array::Zero(block_ * stride() + depth_ / 2)}, terms_{array::Zero(squares_.size())},
      scaled_(block_ * channels_) {}

template <class Scalar>
void local_response_norm<Scalar>::square(const Scalar* in, std::ptrdiff_t places) {
  auto* to = squares_.data() + depth_ / 2;
  for (Index i = 0; i < places; ++i, in += channels_, to += stride())
    for_channels<Scalar>(channels_, [&]<class Packet>(Index c) {
      const auto x = ploadu<Packet>(in + c);
      pstoreu(to + c, pmul(x, x));
    });
}

template <class Scalar>
template <class Packet>
EIGEN_ALWAYS_INLINE Packet local_response_norm<Scalar>::window_sums(const Scalar* from) const {
  auto sum = ploadu<Packet>(from);
  for (Index k = 1; k < depth_; ++k)
    sum = padd(sum, ploadu<Packet>(from + k));
  return sum;
}

template <class Scalar>
template <class Packet>
EIGEN_ALWAYS_INLINE std::pair<Packet, Packet>
local_response_norm<Scalar>::powers(const Packet& sum) const {
  const auto s = pmadd(pset1<Packet>(alpha_), sum, pset1<Packet>(bias_));
  const auto inverse = pdiv(pset1<Packet>(Scalar{1}), s);
  if (beta_ == Scalar{0.75}) { // the usual exponent needs no logarithm
    const auto root = psqrt(inverse);
    return {pmul(root, psqrt(root)), inverse};
  }
  return {pexp(pmul(pset1<Packet>(-beta_), plog(s))), inverse};
}

template <class Scalar>
void local_response_norm<Scalar>::forward(std::span<const Scalar>, const_batch_view<Scalar> input,
                                          batch_view<Scalar> output, const pass&) {
  const auto all = input.size() / channels_;
  const auto* in = input.data();
  auto* out = output.data();
  for (Index first = 0; first < all; first += block_) {
    const auto places = std::min(block_, all - first);
    square(in, places);
    const auto* squares = squares_.data();
    for (Index i = 0; i < places; ++i, squares += stride(), in += channels_, out += channels_)
      for_channels<Scalar>(channels_, [&]<class Packet>(Index c) {
        const auto power = powers(window_sums<Packet>(squares + c)).first;
        pstoreu(out + c, pmul(ploadu<Packet>(in + c), power));
      });
  }
}

template <class Scalar>
void local_response_norm<Scalar>::backward(std::span<const Scalar>, const_batch_view<Scalar> input,
                                           const_batch_view<Scalar>, batch_view<Scalar> delta,
                                           std::span<Scalar>, batch_view<Scalar> passed) {
  if (passed.data() == nullptr)
    return;
  const auto all = input.size() / channels_;
  for (Index first = 0; first < all; first += block_) {
    const auto places = std::min(block_, all - first);
    const auto* in = input.data() + first * channels_;
    square(in, places);
    const auto* by_out = delta.data() + first * channels_;
    for (Index i = 0; i < places; ++i)
      for_channels<Scalar>(channels_, [&]<class Packet>(Index c) {
        const auto at = i * channels_ + c;
        const auto [power, inverse] =
            powers(window_sums<Packet>(squares_.data() + i * stride() + c));
        const auto scaled = pmul(ploadu<Packet>(by_out + at), power);
        pstoreu(scaled_.data() + at, scaled);
        pstoreu(terms_.data() + depth_ / 2 + i * stride() + c,
                pmul(pmul(scaled, ploadu<Packet>(in + at)), inverse));
      });
    auto* by_in = passed.data() + first * channels_;
    const auto factor = -2 * alpha_ * beta_;
    for (Index i = 0; i < places; ++i)
      for_channels<Scalar>(channels_, [&]<class Packet>(Index c) {
        const auto at = i * channels_ + c;
        const auto sum = window_sums<Packet>(terms_.data() + i * stride() + c);
        const auto x = pmul(pset1<Packet>(factor), ploadu<Packet>(in + at));
        pstoreu(by_in + at, pmadd(x, sum, ploadu<Packet>(scaled_.data() + at)));
      });
  }
}

template class local_response_norm<float>;
template class local_response_norm<double>;

} // namespace adsp::learning
