// The embedding: rows of tokens, and what is no token.
#include "learning/layers/embedding_layer.hpp"
#include "tests/learning/layers/layer_check.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

using namespace adsp::learning;

TEST_CASE("an embedding passes on each token's row; gradients add up by rows") {
  embedding_layer<float> tested({1, 2, 2}, 3, 2);
  CHECK(tested.output() == shape{4, 1, 2});
  const std::vector<float> p = {1, 2, 3, 4, 5, 6};
  matrix<float> x(4, 1);
  x << 2, 0, 2, 1;
  matrix<float> y(8, 1);
  tested.forward(p, {x.data(), 4, 1}, {y.data(), 8, 1}, {});
  matrix<float> expected(8, 1);
  expected << 5, 6, 1, 2, 5, 6, 3, 4;
  CHECK(y == expected);
  for (std::ptrdiff_t vocabulary : {1, 4, 30})
    for (std::ptrdiff_t units : {1, 7})
      for (std::uint64_t seed = 0; seed < 3; ++seed) {
        CAPTURE(vocabulary);
        CAPTURE(units);
        const auto make = [&]<class T>(T) {
          return std::make_unique<embedding_layer<T>>(shape{5, 1, 2}, vocabulary, units);
        };
        CHECK(layer_error<double>(make, seed, 150, {{}, vocabulary}) < 1e-6);
        CHECK(layer_error<float>(make, seed, 150, {{}, vocabulary}) < 1e-3);
      }
}

TEST_CASE("what is no token becomes NaN and changes no row") {
  const auto nan = std::numeric_limits<float>::quiet_NaN();
  for (auto wrong : {-1.0F, 3.0F, 0.5F, 1e30F, nan, std::numeric_limits<float>::infinity()}) {
    CAPTURE(wrong);
    CHECK(!is_token(static_cast<double>(wrong), 3));
    embedding_layer<float> tested(flat(2), 3, 2);
    const std::vector<float> p = {1, 2, 3, 4, 5, 6};
    matrix<float> x(2, 1);
    x << wrong, 1;
    matrix<float> y(4, 1);
    tested.forward(p, {x.data(), 2, 1}, {y.data(), 4, 1}, {});
    CHECK(std::isnan(y(0, 0)));
    CHECK(std::isnan(y(1, 0)));
    CHECK(y(2, 0) == 3);
    matrix<float> delta = matrix<float>::Ones(4, 1);
    std::vector<float> gradient(6, 9.0F);
    tested.backward(p, {x.data(), 2, 1}, {y.data(), 4, 1}, {delta.data(), 4, 1}, gradient,
                    {nullptr, 2, 1});
    CHECK(gradient == std::vector<float>{0, 0, 1, 1, 0, 0});
  }
}
