// Layer norm: what it promises, and its gradients against central differences.
#include "learning/layers/layer_norm.hpp"
#include "tests/learning/layers/layer_check.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

using namespace adsp::learning;

TEST_CASE("layer norm: a place has mean shift and deviation scale") {
  const shape input{2, 3, 50};
  layer_norm<double> tested(input);
  std::vector<double> p(100);
  generator random(1, "norm");
  tested.initialise(p, random);
  const auto x = random_numbers<double>(input.size(), 2, random);
  matrix<double> y(x.rows(), 2);
  tested.reserve(2);
  tested.forward(p, {x.data(), x.rows(), 2}, {y.data(), y.rows(), 2}, {});
  const auto places = y.reshaped(50, 12);
  for (std::ptrdiff_t place = 0; place < 12; ++place) {
    CHECK(std::abs(places.col(place).mean()) < 1e-12);
    CHECK(places.col(place).cwiseAbs2().mean() == doctest::Approx(1).epsilon(1e-4));
  }
}

TEST_CASE("layer norm is its formula") {
  generator random(2, "norm");
  for (const shape& input : {flat(1), flat(33), shape{4, 1, 8}, shape{2, 3, 5}}) {
    CAPTURE(to_string(input));
    layer_norm<double> tested(input);
    const auto channels = input.channels;
    const auto p = random_numbers<double>(2 * channels, 1, random);
    const auto x = random_numbers<double>(input.size(), 3, random);
    matrix<double> y(x.rows(), 3);
    tested.reserve(3);
    tested.forward({p.data(), static_cast<std::size_t>(p.size())}, {x.data(), x.rows(), 3},
                   {y.data(), y.rows(), 3}, {});
    double worst = 0;
    for (std::ptrdiff_t i = 0; i < x.size(); ++i) {
      const auto c = i % channels;
      const auto* place = x.data() + (i - c);
      double mean = 0;
      double variance = 0;
      for (std::ptrdiff_t k = 0; k < channels; ++k)
        mean += place[k] / static_cast<double>(channels);
      for (std::ptrdiff_t k = 0; k < channels; ++k)
        variance += (place[k] - mean) * (place[k] - mean) / static_cast<double>(channels);
      const auto expected =
          p(c, 0) * (place[c] - mean) / std::sqrt(variance + 1e-5) + p(channels + c, 0);
      worst = std::max(worst, std::abs(expected - y.data()[i]));
    }
    CHECK(worst < 1e-12);
  }
  for (const auto& x : layer_norm<float>({2, 3, 5}).tensors())
    CHECK(!x.decays);
}

TEST_CASE("gradients of a layer norm agree with central differences") {
  // Of one channel, or of two with scales alike, the gradient by the input is nearly zero, and
  // rounding errors all.
  for (const shape& input : {flat(3), flat(33), shape{4, 1, 8}, shape{2, 3, 5}})
    for (std::uint64_t seed = 0; seed < 5; ++seed) {
      CAPTURE(to_string(input));
      CAPTURE(seed);
      const auto make = [&]<class T>(T) { return std::make_unique<layer_norm<T>>(input); };
      CHECK(layer_error<double>(make, seed) < 1e-6);
      CHECK(layer_error<float>(make, seed) < 1e-3);
    }
}
