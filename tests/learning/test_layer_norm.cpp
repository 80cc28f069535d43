// Layer norm: what it promises, and its gradients against central differences.
#include "learning/layer_norm.hpp"
#include "tests/learning/layer_check.hpp"

#include <doctest/doctest.h>

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

TEST_CASE("gradients of a layer norm agree with central differences") {
  // Of one channel, or of two with scales alike, the gradient by the input is nearly zero, and rounding errors all.
  for (const shape& input : {flat(3), flat(33), shape{4, 1, 8}, shape{2, 3, 5}})
    for (std::uint64_t seed = 0; seed < 5; ++seed) {
      CAPTURE(to_string(input));
      CAPTURE(seed);
      const auto make = [&]<class T>(T) { return std::make_unique<layer_norm<T>>(input); };
      CHECK(layer_error<double>(make, seed) < 1e-6);
      CHECK(layer_error<float>(make, seed) < 1e-3);
    }
}
