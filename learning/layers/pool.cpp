// All loops go over the channels innermost.
#include "learning/layers/pool.hpp"

#include <algorithm>
#include <cassert>

namespace adsp::learning {

using Eigen::Index;

namespace {

/// For every window of a sample and every place in it that counts, calls `body`(index of the first
/// channel in the output, index of the first channel in the input, place in the window, number of
/// places that count), window by window.
template <class Body>
void for_places(const shape& input, const shape& output, const pool_windows& w, const Body& body) {
  Index out = 0;
  for (Index y = 0; y < output.height; ++y) {
    const auto top = y * w.stride - w.padding;
    const auto first_row = std::max<Index>(top, 0);
    const auto last_row = std::min(top + w.kernel, input.height);
    for (Index x = 0; x < output.width; ++x, out += output.channels) {
      const auto left = x * w.stride - w.padding;
      const auto first = std::max<Index>(left, 0);
      const auto last = std::min(left + w.kernel, input.width);
      const auto count = (last_row - first_row) * (last - first);
      Index place = 0;
      for (auto row = first_row; row < last_row; ++row)
        for (auto column = first; column < last; ++column)
          body(out, (row * input.width + column) * input.channels, place++, count);
    }
  }
}

} // namespace

template <class Scalar>
max_pool<Scalar>::max_pool(const shape& input, const pool_windows& windows)
    : layer<Scalar>(input, windows.output(input)), windows_(windows) {
  assert(windows.padding < windows.kernel);
}

template <class Scalar>
void max_pool<Scalar>::reserve(std::ptrdiff_t samples) {
  const auto size = static_cast<std::size_t>(samples * this->output().size());
  if (chosen_.size() < size)
    chosen_.resize(size);
}

template <class Scalar>
std::uint64_t max_pool<Scalar>::scratch_bytes(std::ptrdiff_t samples) const {
  return static_cast<std::uint64_t>(samples * this->output().size()) * sizeof(std::int32_t);
}

template <class Scalar>
void max_pool<Scalar>::forward(std::span<const Scalar>, const_batch_view<Scalar> input,
                               batch_view<Scalar> output, const pass&) {
  const auto channels = this->input().channels;
  for (Index i = 0; i < input.cols(); ++i) {
    const auto* from = input.col(i).data();
    auto* to = output.col(i).data();
    auto* chosen = chosen_.data() + i * output.rows();
    for_places(this->input(), this->output(), windows_,
               [&](Index out, Index in, Index place, Index) {
                 const auto* __restrict x = from + in;
                 auto* __restrict y = to + out;
                 auto* __restrict which = chosen + out;
                 if (place == 0) {
                   std::copy_n(x, channels, y);
                   std::fill_n(which, channels, 0);
                   return;
                 }
                 const auto here = static_cast<std::int32_t>(place);
                 for (Index c = 0; c < channels; ++c) {
                   const bool larger = (x[c] > y[c]) | (x[c] != x[c]);
                   y[c] = larger ? x[c] : y[c];
                   which[c] = larger ? here : which[c];
                 }
               });
  }
}

template <class Scalar>
void max_pool<Scalar>::backward(std::span<const Scalar>, const_batch_view<Scalar>,
                                const_batch_view<Scalar>, batch_view<Scalar> delta,
                                std::span<Scalar>, batch_view<Scalar> passed) {
  if (!passed.data())
    return;
  const auto channels = this->input().channels;
  for (Index i = 0; i < delta.cols(); ++i) {
    const auto* from = delta.col(i).data();
    auto* to = passed.col(i).data();
    const auto* chosen = chosen_.data() + i * delta.rows();
    std::fill_n(to, passed.rows(), Scalar{0});
    for_places(this->input(), this->output(), windows_,
               [&](Index out, Index in, Index place, Index) {
                 const auto* __restrict d = from + out;
                 const auto* __restrict which = chosen + out;
                 auto* __restrict p = to + in;
                 const auto here = static_cast<std::int32_t>(place);
                 for (Index c = 0; c < channels; ++c)
                   p[c] += which[c] == here ? d[c] : Scalar{0};
               });
  }
}

template <class Scalar>
average_pool<Scalar>::average_pool(const shape& input, const pool_windows& windows)
    : layer<Scalar>(input, windows.output(input)), windows_(windows) {
  assert(windows.padding < windows.kernel);
}

template <class Scalar>
void average_pool<Scalar>::forward(std::span<const Scalar>, const_batch_view<Scalar> input,
                                   batch_view<Scalar> output, const pass&) {
  const auto channels = this->input().channels;
  output.setZero();
  for (Index i = 0; i < input.cols(); ++i) {
    const auto* from = input.col(i).data();
    auto* to = output.col(i).data();
    for_places(this->input(), this->output(), windows_,
               [&](Index out, Index in, Index, Index count) {
                 const auto share = Scalar{1} / static_cast<Scalar>(count);
                 for (Index c = 0; c < channels; ++c)
                   to[out + c] += share * from[in + c];
               });
  }
}

template <class Scalar>
void average_pool<Scalar>::backward(std::span<const Scalar>, const_batch_view<Scalar>,
                                    const_batch_view<Scalar>, batch_view<Scalar> delta,
                                    std::span<Scalar>, batch_view<Scalar> passed) {
  if (!passed.data())
    return;
  const auto channels = this->input().channels;
  passed.setZero();
  for (Index i = 0; i < delta.cols(); ++i) {
    const auto* from = delta.col(i).data();
    auto* to = passed.col(i).data();
    for_places(this->input(), this->output(), windows_,
               [&](Index out, Index in, Index, Index count) {
                 const auto share = Scalar{1} / static_cast<Scalar>(count);
                 for (Index c = 0; c < channels; ++c)
                   to[in + c] += share * from[out + c];
               });
  }
}

template class max_pool<float>;
template class max_pool<double>;
template class average_pool<float>;
template class average_pool<double>;

} // namespace adsp::learning
