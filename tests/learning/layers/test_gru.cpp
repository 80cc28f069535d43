// The GRU: outputs against plain loops, gradients against central differences.
#include "learning/layers/gru_layer.hpp"
#include "tests/learning/layers/layer_check.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

using namespace adsp::learning;

namespace {

double logistic(double x) {
  return 1 / (1 + std::exp(-x));
}

/// Every step's h, with loops over the documented layout.
std::vector<double> gru_states(const shape& input, std::ptrdiff_t units, const double* p,
                               const double* x) {
  const auto count = input.width * input.channels;
  const auto* v = p;
  const auto* w = v + 3 * units * count;
  const auto* d = w + 3 * units * units;
  const auto* e = d + 3 * units;
  std::vector<double> h(static_cast<std::size_t>(units));
  std::vector<double> result;
  for (std::ptrdiff_t t = 0; t < input.height; ++t, x += count) {
    std::vector<double> a(d, d + 3 * units);
    std::vector<double> b(e, e + 3 * units);
    for (std::size_t row = 0; row < a.size(); ++row) {
      for (std::ptrdiff_t i = 0; i < count; ++i)
        a[row] += v[static_cast<std::ptrdiff_t>(row) * count + i] * x[i];
      for (std::size_t i = 0; i < h.size(); ++i)
        b[row] += w[row * h.size() + i] * h[i];
    }
    for (std::size_t k = 0; k < h.size(); ++k) {
      const auto r = logistic(a[k] + b[k]);
      const auto z = logistic(a[h.size() + k] + b[h.size() + k]);
      const auto n = std::tanh(a[2 * h.size() + k] + r * b[2 * h.size() + k]);
      h[k] = (1 - z) * n + z * h[k];
    }
    result.insert(result.end(), h.begin(), h.end());
  }
  return result;
}

const std::vector<shape> series = {{1, 1, 3}, {5, 1, 1}, {4, 2, 3}, {10, 1, 2}, {3, 1, 40}};

} // namespace

TEST_CASE("a GRU is its formulas, at the last step and at every step") {
  generator random(1, "gru");
  for (const auto& input : series)
    for (std::ptrdiff_t units : {1, 5, 16, 21})
      for (bool sequence : {false, true}) {
        CAPTURE(to_string(input));
        CAPTURE(units);
        CAPTURE(sequence);
        gru_layer<double> tested(input, units, sequence);
        CHECK(tested.output() == (sequence ? shape{input.height, 1, units} : flat(units)));
        const auto count = tested.parameter_count();
        const auto p = random_numbers<double>(static_cast<std::ptrdiff_t>(count), 1, random);
        const auto x = random_numbers<double>(input.size(), 3, random);
        matrix<double> y(tested.output().size(), 3);
        tested.reserve(5); // more than are used
        tested.forward({p.data(), count}, {x.data(), x.rows(), 3}, {y.data(), y.rows(), 3}, {});
        double worst = 0;
        for (std::ptrdiff_t sample = 0; sample < 3; ++sample) {
          const auto states = gru_states(input, units, p.data(), x.col(sample).data());
          const auto* expected = states.data() + states.size() - y.rows();
          for (std::ptrdiff_t k = 0; k < y.rows(); ++k)
            worst = std::max(worst, std::abs(y(k, sample) - expected[k]));
        }
        CHECK(worst < 1e-12);
      }
}

TEST_CASE("gradients of a GRU agree with central differences") {
  for (const auto& input : series)
    for (std::ptrdiff_t units : {1, 5, 20})
      for (bool sequence : {false, true})
        for (std::uint64_t seed = 0; seed < 3; ++seed) {
          CAPTURE(to_string(input));
          CAPTURE(units);
          CAPTURE(sequence);
          CAPTURE(seed);
          const auto make = [&]<class T>(T) {
            return std::make_unique<gru_layer<T>>(input, units, sequence);
          };
          CHECK(layer_error<double>(make, seed) < 1e-6);
          CHECK(layer_error<float>(make, seed) < 1e-3);
        }
}

TEST_CASE("a GRU starts with weights within 1/sqrt(units) and biases of zero") {
  gru_layer<float> tested({4, 1, 3}, 16, false);
  std::vector<float> w(tested.parameter_count(), 9.0F);
  generator random(1, "start");
  tested.initialise(w, random);
  REQUIRE(w.size() == 48 * 3 + 48 * 16 + 96);
  for (std::size_t i = 0; i < w.size(); ++i)
    CHECK(std::abs(w[i]) <= (i < 48 * 19 ? 0.25F : 0.0F));
}
