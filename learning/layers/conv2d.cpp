// Computes products of the weights with windows that are read in place in the padded image, one row
// of output places at a time.
#include "learning/layers/conv2d.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace adsp::learning {

using Eigen::Index;

template <class Scalar>
conv2d<Scalar>::conv2d(const shape& input, std::ptrdiff_t filters, std::ptrdiff_t kernel,
                       std::ptrdiff_t stride, std::ptrdiff_t padding, initialiser start)
    : layer<Scalar>(input, {(input.height + 2 * padding - kernel) / stride + 1,
                            (input.width + 2 * padding - kernel) / stride + 1, filters}),
      padding_(padding),
      start_(std::move(start)), over_input_{input.height + 2 * padding, input.width + 2 * padding,
                                            input.channels, kernel, stride},
      over_delta_{input.height + kernel - 1, input.width + kernel - 1, filters, kernel, 1} {
  assert(padding < kernel);
}

template <class Scalar>
std::vector<tensor> conv2d<Scalar>::tensors() const {
  const auto kernel = over_input_.kernel;
  return {{"weights", {filters(), kernel, kernel, over_input_.channels}, true},
          {"biases", {filters()}, false}};
}

template <class Scalar>
void conv2d<Scalar>::initialise(std::span<Scalar> parameters, generator& random) const {
  const auto weights = static_cast<std::size_t>(filters() * over_input_.window());
  start_.fill(parameters.first(weights), over_input_.window(),
              filters() * over_input_.kernel * over_input_.kernel, random);
  std::ranges::fill(parameters.subspan(weights), Scalar{0});
}

template <class Scalar>
void conv2d<Scalar>::reserve(std::ptrdiff_t) {
  const auto size = [](Index x) { return static_cast<std::size_t>(x); };
  if (padding_ > 0)
    image_.resize(size(over_input_.image()));
  spread_.resize(size(over_delta_.image()));
  turned_.resize(size(over_delta_.window() * over_input_.channels));
  sums_.resize(size(over_input_.window() * filters()));
}

template <class Scalar>
std::uint64_t conv2d<Scalar>::scratch_bytes(std::ptrdiff_t) const {
  const auto weights = over_input_.window() * filters();
  const auto numbers = (padding_ > 0 ? over_input_.image() : 0) + over_delta_.image() + 2 * weights;
  const auto packed =
      std::max({packed_left<Scalar>::bytes(filters(), over_input_.window()),
                packed_left<Scalar>::bytes(filters(), rows() * columns()),
                packed_left<Scalar>::bytes(over_input_.channels, over_delta_.window())});
  return static_cast<std::uint64_t>(numbers) * sizeof(Scalar) + packed;
}

template <class Scalar>
void conv2d<Scalar>::forward(std::span<const Scalar> parameters, const_batch_view<Scalar> input,
                             batch_view<Scalar> output, const pass&) {
  const auto& g = over_input_;
  packed_.pack({parameters.data(), g.window(), 1}, filters(), g.window());
  const auto* biases = parameters.data() + filters() * g.window();
  const right_layout window{g.kernel, g.row(), g.window_row(), 1, g.stride * g.channels};
  for (Index i = 0; i < input.cols(); ++i) {
    const auto* image = padded_image(input.col(i).data());
    auto* to = output.col(i).data();
    for (Index y = 0; y < rows(); ++y, to += columns() * filters()) {
      for (Index x = 0; x < columns(); ++x)
        std::copy_n(biases, filters(), to + x * filters());
      packed_.multiply(image + y * g.stride * g.row(), window, columns(), {to, 1, filters()}, true);
    }
  }
}

template <class Scalar>
void conv2d<Scalar>::backward(std::span<const Scalar> parameters, const_batch_view<Scalar> input,
                              const_batch_view<Scalar>, batch_view<Scalar> delta,
                              std::span<Scalar> gradient, batch_view<Scalar> passed) {
  const const_batch_view<Scalar> known(delta.data(), delta.rows(), delta.cols());
  backward_parameters(input, known, gradient);
  if (passed.data())
    backward_input(parameters, known, passed);
}

template <class Scalar>
void conv2d<Scalar>::backward_parameters(const_batch_view<Scalar> input,
                                         const_batch_view<Scalar> delta,
                                         std::span<Scalar> gradient) {
  const auto& g = over_input_;
  auto biases = batch_view<Scalar>(gradient.data() + filters() * g.window(), filters(), 1).col(0);
  biases.setZero();
  std::ranges::fill(sums_, Scalar{0});
  const auto places = rows() * columns();
  const right_layout places_of_number{rows(), g.stride * g.row(), columns(), g.stride * g.channels,
                                      1};
  for (Index i = 0; i < input.cols(); ++i) {
    const const_batch_view<Scalar> slope(delta.col(i).data(), filters(), places);
    for (Index p = 0; p < places; ++p)
      biases += slope.col(p);
    const auto* image = padded_image(input.col(i).data());
    packed_.pack({slope.data(), 1, filters()}, filters(), places);
    for (Index y = 0; y < g.kernel; ++y)
      packed_.multiply(image + y * g.row(), places_of_number, g.window_row(),
                       {sums_.data() + y * g.window_row() * filters(), 1, filters()}, true);
  }
  batch_view<Scalar>(gradient.data(), g.window(), filters()) =
      const_batch_view<Scalar>(sums_.data(), filters(), g.window()).transpose();
}

// The gradient by the input is a convolution, too: of the gradient by the output, with zeros
// between its places where the stride skips and around them so that every window is reached, with
// the rotated filters.
template <class Scalar>
void conv2d<Scalar>::backward_input(std::span<const Scalar> parameters,
                                    const_batch_view<Scalar> delta, batch_view<Scalar> passed) {
  const auto& g = over_delta_;
  const auto channels = over_input_.channels;
  const auto squares = g.kernel * g.kernel;
  for (Index f = 0; f < filters(); ++f)
    for (Index k = 0; k < squares; ++k)
      std::copy_n(parameters.data() + (f * squares + k) * channels, channels,
                  turned_.data() + ((squares - 1 - k) * filters() + f) * channels);
  packed_.pack({turned_.data(), 1, channels}, channels, g.window());
  const right_layout window{g.kernel, g.row(), g.window_row(), 1, g.channels};
  const auto& to = this->input();
  for (Index i = 0; i < delta.cols(); ++i) {
    spread(delta.col(i).data());
    for (Index y = 0; y < to.height; ++y)
      packed_.multiply(spread_.data() + y * g.row(), window, to.width,
                       {passed.col(i).data() + y * to.width * channels, 1, channels});
  }
}

template <class Scalar>
void conv2d<Scalar>::spread(const Scalar* delta) {
  const auto edge = over_delta_.kernel - 1 - padding_;
  const auto stride = over_input_.stride;
  for (Index y = 0; y < rows(); ++y) {
    auto* to = spread_.data() + (edge + y * stride) * over_delta_.row() + edge * filters();
    for (Index x = 0; x < columns(); ++x, delta += filters())
      std::copy_n(delta, filters(), to + x * stride * filters());
  }
}

template <class Scalar>
const Scalar* conv2d<Scalar>::padded_image(const Scalar* sample) {
  if (padding_ == 0)
    return sample;
  const auto& from = this->input();
  const auto row = from.width * from.channels;
  for (Index y = 0; y < from.height; ++y)
    std::copy_n(sample + y * row, row,
                image_.data() + (y + padding_) * over_input_.row() + padding_ * from.channels);
  return image_.data();
}

template class conv2d<float>;
template class conv2d<double>;

} // namespace adsp::learning
