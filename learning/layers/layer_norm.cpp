#include "learning/layers/layer_norm.hpp"

#include <algorithm>
#include <cmath>

namespace adsp::learning {

using Eigen::Index;

template <class Scalar>
std::vector<tensor> layer_norm<Scalar>::tensors() const {
  return {{"scales", {channels()}, false}, {"shifts", {channels()}, false}};
}

template <class Scalar>
void layer_norm<Scalar>::initialise(std::span<Scalar> parameters, generator&) const {
  const auto count = static_cast<std::size_t>(channels());
  std::ranges::fill(parameters.first(count), Scalar{1});
  std::ranges::fill(parameters.subspan(count), Scalar{0});
}

template <class Scalar>
void layer_norm<Scalar>::reserve(std::ptrdiff_t samples) {
  const auto size = std::max(means_.size(), static_cast<std::size_t>(places() * samples));
  means_.resize(size);
  deviations_.resize(size);
}

template <class Scalar>
std::uint64_t layer_norm<Scalar>::scratch_bytes(std::ptrdiff_t samples) const {
  return static_cast<std::uint64_t>(2 * places() * samples) * sizeof(Scalar);
}

template <class Scalar>
void layer_norm<Scalar>::forward(std::span<const Scalar> parameters, const_batch_view<Scalar> input,
                                 batch_view<Scalar> output, const pass&) {
  constexpr auto epsilon = static_cast<Scalar>(1e-5);
  const auto count = channels();
  const auto* scales = parameters.data();
  const auto* shifts = scales + count;
  for (Index place = 0; place < places() * input.cols(); ++place) {
    const auto* x = input.data() + place * count;
    auto* y = output.data() + place * count;
    const const_batch_view<Scalar> all(x, count, 1);
    const auto mean = all.mean();
    const auto variance = (all.array() - mean).square().mean();
    const auto deviation = 1 / std::sqrt(variance + epsilon);
    means_[static_cast<std::size_t>(place)] = mean;
    deviations_[static_cast<std::size_t>(place)] = deviation;
    for (Index c = 0; c < count; ++c)
      y[c] = (x[c] - mean) * deviation * scales[c] + shifts[c];
  }
}

template <class Scalar>
void layer_norm<Scalar>::backward(std::span<const Scalar> parameters,
                                  const_batch_view<Scalar> input, const_batch_view<Scalar>,
                                  batch_view<Scalar> delta, std::span<Scalar> gradient,
                                  batch_view<Scalar> passed) {
  const auto count = channels();
  const auto* scales = parameters.data();
  std::ranges::fill(gradient, Scalar{0});
  auto* by_scale = gradient.data();
  auto* by_shift = by_scale + count;
  for (Index place = 0; place < places() * input.cols(); ++place) {
    const auto* x = input.data() + place * count;
    const auto* d = delta.data() + place * count;
    const auto mean = means_[static_cast<std::size_t>(place)];
    const auto deviation = deviations_[static_cast<std::size_t>(place)];
    Scalar sum = 0;     // sum of the gradients by the normalised numbers
    Scalar product = 0; // sum of those gradients times the normalised numbers
    for (Index c = 0; c < count; ++c) {
      const auto normal = (x[c] - mean) * deviation;
      by_scale[c] += d[c] * normal;
      by_shift[c] += d[c];
      sum += d[c] * scales[c];
      product += d[c] * scales[c] * normal;
    }
    if (!passed.data())
      continue;
    auto* to = passed.data() + place * count;
    sum /= static_cast<Scalar>(count);
    product /= static_cast<Scalar>(count);
    for (Index c = 0; c < count; ++c)
      to[c] = deviation * (d[c] * scales[c] - sum - (x[c] - mean) * deviation * product);
  }
}

template class layer_norm<float>;
template class layer_norm<double>;

} // namespace adsp::learning
