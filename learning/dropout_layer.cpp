#include "learning/dropout_layer.hpp"

#include <algorithm>
#include <cassert>

namespace adsp::learning {

using Eigen::Index;

namespace {

/// Two numbers are decided with each draw, by half of its bits.
constexpr double half_range = 4294967296.0;

} // namespace

template <class Scalar>
dropout_layer<Scalar>::dropout_layer(const shape& input, double rate, std::uint64_t index)
    : layer<Scalar>(input, input), rate_(rate), index_(index) {
  assert(rate >= 0 && rate < 1);
}

template <class Scalar>
void dropout_layer<Scalar>::reserve(std::ptrdiff_t samples) {
  masks_.resize(std::max(masks_.size(), static_cast<std::size_t>(this->input().size() * samples)));
}

template <class Scalar>
void dropout_layer<Scalar>::forward(std::span<const Scalar>, const_batch_view<Scalar> input,
                                    batch_view<Scalar> output, const pass& how) {
  const auto size = input.size();
  drops_ = how.training && rate_ > 0;
  if (!drops_) {
    if (output.data() != input.data())
      std::copy_n(input.data(), size, output.data());
    return;
  }
  generator random(how.draw, "dropout", index_);
  const auto threshold = static_cast<std::uint64_t>(rate_ * half_range);
  const Scalar choices[] = {Scalar{0}, static_cast<Scalar>(1 / (1 - rate_))};
  auto* masks = masks_.data();
  std::uint64_t bits = 0;
  for (Index i = 0; i < size; ++i) {
    bits = i % 2 == 0 ? random() : bits >> 32;
    masks[i] = choices[(bits & 0xFFFF'FFFF) >= threshold];
  }
  const auto* from = input.data();
  auto* to = output.data();
  for (Index i = 0; i < size; ++i)
    to[i] = from[i] * masks[i];
}

template <class Scalar>
void dropout_layer<Scalar>::backward(std::span<const Scalar>, const_batch_view<Scalar>,
                                     const_batch_view<Scalar>, batch_view<Scalar> delta,
                                     std::span<Scalar>, batch_view<Scalar> passed) {
  if (!passed.data())
    return;
  const auto* from = delta.data();
  auto* to = passed.data();
  for (Index i = 0; i < delta.size(); ++i)
    to[i] = drops_ ? from[i] * masks_[static_cast<std::size_t>(i)] : from[i];
}

template class dropout_layer<float>;
template class dropout_layer<double>;

} // namespace adsp::learning
