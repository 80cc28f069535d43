// The sigmoid: its values and slopes as PyTorch gives them, its gradients against central
// differences, and its place in a network.
#include "learning/layers/activation.hpp"
#include "learning/models/make_network.hpp"
#include "tests/learning/layers/layer_check.hpp"
#include "tests/learning/layers/listed_layers.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <limits>

using namespace adsp::learning;

namespace {

/// A number, torch.sigmoid of it and the slope there, in double precision.
struct reference {
  double x;
  double y;
  double slope;
};

constexpr std::array<reference, 6> references = {{{-6, 0.0024726231566347743, 0.002466509291360048},
                                                  {-2, 0.11920292202211755, 0.10499358540350652},
                                                  {-0.5, 0.3775406687981454, 0.2350037122015945},
                                                  {0, 0.5, 0.25},
                                                  {1, 0.7310585786300049, 0.19661193324148185},
                                                  {3, 0.9525741268224334, 0.045176659730912}}};

template <class Scalar>
void compare(double bound) {
  const auto count = static_cast<std::ptrdiff_t>(references.size());
  sigmoid_layer<Scalar> tested(flat(count));
  matrix<Scalar> x(count, 1);
  matrix<Scalar> y(count, 1);
  matrix<Scalar> delta = matrix<Scalar>::Constant(count, 1, 2);
  matrix<Scalar> passed(count, 1);
  for (std::ptrdiff_t i = 0; i < count; ++i)
    x(i) = static_cast<Scalar>(references[static_cast<std::size_t>(i)].x);
  const const_batch_view<Scalar> in(x.data(), count, 1);
  tested.forward({}, in, {y.data(), count, 1}, {});
  tested.backward({}, in, {y.data(), count, 1}, {delta.data(), count, 1}, {},
                  {passed.data(), count, 1});
  for (std::ptrdiff_t i = 0; i < count; ++i) {
    const auto& expected = references[static_cast<std::size_t>(i)];
    CAPTURE(expected.x);
    CHECK(std::abs(static_cast<double>(y(i)) - expected.y) < bound);
    CHECK(std::abs(static_cast<double>(passed(i)) - 2 * expected.slope) < bound);
  }
}

} // namespace

TEST_CASE("the sigmoid computes what PyTorch does: to 1e-12 in double precision, 1e-6 in floats") {
  compare<double>(1e-12);
  compare<float>(1e-6);
}

TEST_CASE("far from 0 the sigmoid is 0 or 1, and what is no number passes through") {
  constexpr std::ptrdiff_t count = 3 * 33; // more than a vector register holds, and an odd number
  sigmoid_layer<float> tested(flat(count));
  std::array<float, count> x;
  for (std::size_t i = 0; i < x.size(); i += 3) {
    x[i] = -1e30F;
    x[i + 1] = 1e30F;
    x[i + 2] = std::numeric_limits<float>::quiet_NaN();
  }
  tested.forward({}, {x.data(), count, 1}, {x.data(), count, 1}, {});
  for (std::size_t i = 0; i < x.size(); i += 3) {
    CHECK(std::abs(x[i]) < 1e-7F);
    CHECK(std::abs(x[i + 1] - 1) < 1e-6F);
    CHECK(std::isnan(x[i + 2]));
  }
}

TEST_CASE("gradients of the sigmoid agree with central differences") {
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    CAPTURE(seed);
    const auto make = [&]<class T>(T) {
      return std::make_unique<sigmoid_layer<T>>(shape{3, 5, 7});
    };
    CHECK(layer_error<double>(make, seed) < 1e-6);
    CHECK(layer_error<float>(make, seed) < 1e-3);
  }
}

TEST_CASE("a list of layers may have sigmoids") {
  const auto network =
      make_network<float>(of_layers({units("dense", 5), of("sigmoid")}), flat(4), 3);
  CHECK(network.describe()[1].kind == "sigmoid");
  CHECK(network.describe()[1].output == flat(5));
}
