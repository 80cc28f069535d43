// A layer's gradients against central differences.
#pragma once

#include "learning/layers/layer.hpp"

#include <cmath>
#include <memory>
#include <type_traits>

namespace adsp::learning {

template <class Scalar>
matrix<Scalar> random_numbers(std::ptrdiff_t rows, std::ptrdiff_t columns, generator& random) {
  matrix<Scalar> result(rows, columns);
  for (auto& x : result.reshaped())
    x = static_cast<Scalar>(random.normal());
  return result;
}

/// What is special about a check.
struct layer_check {
  pass how = {};
  std::ptrdiff_t vocabulary = 0; ///< above 0: the inputs are tokens, by which the gradient is 0
};

/// The sum of `weights` times the outputs of `x`: a function of its input and its parameters.
inline double weighted_output(layer<double>& x, const matrix<double>& parameters,
                              const matrix<double>& input, const matrix<double>& weights,
                              const pass& how) {
  matrix<double> output(x.output().size(), input.cols());
  x.forward({parameters.data(), static_cast<std::size_t>(parameters.size())},
            {input.data(), input.rows(), input.cols()},
            {output.data(), output.rows(), output.cols()}, how);
  return output.cwiseProduct(weights).sum();
}

/// |gradient - central differences| / |central differences| of the layer that `make`(Scalar{})
/// makes, by its parameters and its input together. The differences are those of the layer in
/// double precision, at up to `most` places.
template <class Scalar, class Make>
double layer_error(const Make& make, std::uint64_t seed, std::ptrdiff_t most = 150,
                   const layer_check& special = {}) {
  constexpr double step = 1e-6;
  generator random(seed, "layer");
  auto tested = make(Scalar{});
  auto exact = make(double{});
  const auto samples = static_cast<std::ptrdiff_t>(1 + random.below(4));
  tested->reserve(samples);
  exact->reserve(samples);
  const auto count = static_cast<std::ptrdiff_t>(tested->parameter_count());
  const auto p = random_numbers<Scalar>(count, 1, random);
  auto in = random_numbers<Scalar>(tested->input().size(), samples, random);
  if (special.vocabulary > 0)
    for (auto& x : in.reshaped())
      x = static_cast<Scalar>(random.below(static_cast<std::uint64_t>(special.vocabulary)));
  auto delta = random_numbers<Scalar>(tested->output().size(), samples, random);
  matrix<double> weights = delta.template cast<double>();
  matrix<Scalar> output(delta.rows(), samples);
  matrix<Scalar> gradient = matrix<Scalar>::Constant(count, 1, 99); // must be overwritten
  matrix<Scalar> passed = matrix<Scalar>::Constant(in.rows(), samples, 99);
  const auto size = static_cast<std::size_t>(count);
  tested->forward({p.data(), size}, {in.data(), in.rows(), samples},
                  {output.data(), output.rows(), samples}, special.how);
  tested->backward({p.data(), size}, {in.data(), in.rows(), samples},
                   {output.data(), output.rows(), samples}, {delta.data(), delta.rows(), samples},
                   {gradient.data(), size}, {passed.data(), passed.rows(), samples});
  matrix<double> at_p = p.template cast<double>();
  matrix<double> at_in = in.template cast<double>();
  double difference = 0;
  double norm = 1e-30; // a gradient of zero agrees with zero
  const auto compare = [&](matrix<double>& moved, const matrix<Scalar>& found) {
    const auto places = std::min(most, moved.size());
    for (std::ptrdiff_t n = 0; n < places; ++n) {
      const auto i =
          places == moved.size()
              ? n
              : static_cast<std::ptrdiff_t>(random.below(static_cast<std::uint64_t>(moved.size())));
      const auto before = moved.data()[i];
      moved.data()[i] = before + step;
      const auto above = weighted_output(*exact, at_p, at_in, weights, special.how);
      moved.data()[i] = before - step;
      const auto below = weighted_output(*exact, at_p, at_in, weights, special.how);
      moved.data()[i] = before;
      const auto slope = (above - below) / (2 * step);
      const auto away = slope - static_cast<double>(found.data()[i]);
      difference += away * away;
      norm += slope * slope;
    }
  };
  compare(at_p, gradient);
  if (special.vocabulary == 0)
    compare(at_in, passed);
  else
    for (auto x : passed.reshaped())
      difference += static_cast<double>(x) * static_cast<double>(x);
  return std::sqrt(difference / norm);
}

} // namespace adsp::learning
