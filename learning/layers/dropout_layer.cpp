#include "learning/layers/dropout_layer.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <cmath>

namespace adsp::learning {

using Eigen::Index;

namespace {

/// Each draw decides four numbers, with 16 bits each.
constexpr double quarter_range = 65536;

/// Draws made at a time, so that the code after them vectorises.
constexpr std::size_t draws_at_once = 64;
constexpr std::size_t block = 4 * draws_at_once;

/// Fills whole blocks of masks: 0 where the drawn bits are below `threshold`, else `kept`.
template <class Scalar>
void draw_masks(generator random, std::uint16_t threshold, Scalar kept, std::span<Scalar> masks) {
  assert(masks.size() % block == 0);
  for (auto* to = masks.data(); to != masks.data() + masks.size(); to += block) {
    std::array<std::uint64_t, draws_at_once> draws;
    for (auto& x : draws)
      x = random();
    const auto quarters = std::bit_cast<std::array<std::uint16_t, block>>(draws);
    for (std::size_t i = 0; i < block; ++i)
      to[i] = quarters[i] >= threshold ? kept : Scalar{0};
  }
}

std::size_t whole_blocks(Index numbers) {
  return (static_cast<std::size_t>(numbers) + block - 1) / block * block;
}

} // namespace

template <class Scalar>
dropout_layer<Scalar>::dropout_layer(const shape& input, double rate, std::uint64_t index)
    : layer<Scalar>(input, input), rate_(rate), index_(index) {
  assert(rate >= 0 && rate < 1);
}

template <class Scalar>
void dropout_layer<Scalar>::reserve(std::ptrdiff_t samples) {
  masks_.resize(std::max(masks_.size(), whole_blocks(this->input().size() * samples)));
}

template <class Scalar>
std::uint64_t dropout_layer<Scalar>::scratch_bytes(std::ptrdiff_t samples) const {
  return whole_blocks(this->input().size() * samples) * sizeof(Scalar);
}

template <class Scalar>
void dropout_layer<Scalar>::forward(std::span<const Scalar>, const_batch_view<Scalar> input,
                                    batch_view<Scalar> output, const pass& how) {
  const auto size = input.size();
  const auto threshold = std::min(std::round(rate_ * quarter_range), quarter_range - 1);
  drops_ = how.training && threshold > 0;
  if (!drops_) {
    if (output.data() != input.data())
      std::copy_n(input.data(), size, output.data());
    return;
  }
  draw_masks({how.draw, "dropout", index_}, static_cast<std::uint16_t>(threshold),
             static_cast<Scalar>(1 / (1 - threshold / quarter_range)),
             std::span{masks_}.first(whole_blocks(size)));
  const auto* masks = masks_.data();
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
