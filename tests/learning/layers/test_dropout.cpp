// Dropout: its share, its draws, and its gradients against central differences.
#include "learning/layers/dropout_layer.hpp"
#include "tests/learning/layers/layer_check.hpp"

#include <doctest/doctest.h>

using namespace adsp::learning;

namespace {

matrix<double> dropped(double rate, std::uint64_t index, const pass& how, matrix<double> x) {
  dropout_layer<double> tested(flat(x.rows()), rate, index);
  tested.reserve(x.cols());
  batch_view<double> in_place(x.data(), x.rows(), x.cols());
  tested.forward({}, {x.data(), x.rows(), x.cols()}, in_place, how);
  return x;
}

} // namespace

TEST_CASE("dropout drops its share and keeps the mean") {
  const matrix<double> ones = matrix<double>::Ones(1000, 100);
  for (auto rate : {0.1, 0.5, 0.9}) {
    CAPTURE(rate);
    const auto y = dropped(rate, 3, {true, 7}, ones);
    CHECK(y.mean() == doctest::Approx(1).epsilon(0.02));
    CHECK(static_cast<double>((y.array() == 0).count()) ==
          doctest::Approx(rate * 1e5).epsilon(0.02));
    CHECK(y.maxCoeff() == doctest::Approx(1 / (1 - rate)).epsilon(1e-4));
  }
}

TEST_CASE("equal draws drop alike, others and other layers do not; evaluation drops nothing") {
  generator random(1, "dropout");
  const auto x = random_numbers<double>(64, 4, random);
  const auto y = dropped(0.5, 3, {true, 7}, x);
  CHECK(y == dropped(0.5, 3, {true, 7}, x));
  CHECK(y != dropped(0.5, 3, {true, 8}, x));
  CHECK(y != dropped(0.5, 4, {true, 7}, x));
  CHECK(x == dropped(0.5, 3, {false, 7}, x));
  CHECK(x == dropped(0, 3, {true, 7}, x));
}

TEST_CASE("gradients of dropout agree with central differences, in training and not") {
  for (bool training : {false, true})
    for (auto rate : {0.0, 0.3, 0.8})
      for (std::uint64_t seed = 0; seed < 3; ++seed) {
        CAPTURE(training);
        CAPTURE(rate);
        const auto make = [&]<class T>(T) {
          return std::make_unique<dropout_layer<T>>(shape{3, 5, 7}, rate, 2);
        };
        CHECK(layer_error<double>(make, seed, 150, {{training, seed}, 0}) < 1e-6);
        CHECK(layer_error<float>(make, seed, 150, {{training, seed}, 0}) < 1e-3);
      }
}
