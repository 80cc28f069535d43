// Gradients of every layer by itself against central differences, a convolution and pools against
// plain loops.
#include "learning/layers/activation.hpp"
#include "learning/layers/conv2d.hpp"
#include "learning/layers/dense.hpp"
#include "learning/layers/local_response_norm.hpp"
#include "learning/layers/lstm_layer.hpp"
#include "learning/layers/pool.hpp"
#include "tests/learning/layers/layer_check.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

using namespace adsp::learning;

namespace {

struct window {
  std::ptrdiff_t kernel, stride, padding;
};

const std::vector<std::pair<shape, window>> image_windows = {
    {{4, 4, 1}, {1, 1, 0}},   {{6, 5, 3}, {3, 1, 1}},  {{5, 7, 2}, {3, 2, 0}},
    {{8, 8, 16}, {5, 1, 2}},  {{7, 6, 4}, {4, 3, 2}},  {{1, 9, 2}, {1, 2, 0}},
    {{5, 5, 1}, {5, 1, 0}},   {{3, 18, 5}, {3, 1, 2}}, {{9, 9, 33}, {2, 2, 0}},
    {{10, 10, 3}, {3, 2, 1}}, {{2, 2, 2}, {3, 2, 2}},  {{6, 40, 2}, {5, 1, 2}}};

template <class Scalar, class Make>
void check_images(const Make& make, double bound) {
  for (const auto& pair : image_windows)
    for (std::uint64_t seed = 0; seed < 3; ++seed) {
      const auto& input = pair.first; // clang 14 captures no structured binding
      const auto& w = pair.second;
      CAPTURE(to_string(input));
      CAPTURE(w.kernel);
      CAPTURE(w.stride);
      CAPTURE(w.padding);
      CAPTURE(seed);
      CHECK(layer_error<Scalar>([&]<class T>(T) { return make(T{}, input, w); }, seed) < bound);
    }
}

const auto make_conv = []<class T>(T, const shape& x, const window& w) {
  const auto filters = 1 + (x.channels * 7 + w.kernel * 11) % 37;
  return std::make_unique<conv2d<T>>(x, filters, w.kernel, w.stride, w.padding, initialiser{"he"});
};
const auto make_max = []<class T>(T, const shape& x, const window& w) {
  return std::make_unique<max_pool<T>>(x, pool_windows{w.kernel, w.stride, w.padding});
};
const auto make_average = []<class T>(T, const shape& x, const window& w) {
  return std::make_unique<average_pool<T>>(x, pool_windows{w.kernel, w.stride, w.padding});
};

} // namespace

TEST_CASE("gradients of a convolution agree with central differences") {
  check_images<double>(make_conv, 1e-6);
  check_images<float>(make_conv, 1e-3);
}

TEST_CASE("so do those of the pools") {
  check_images<double>(make_max, 1e-6);
  check_images<float>(make_max, 1e-3);
  check_images<double>(make_average, 1e-6);
  check_images<float>(make_average, 1e-3);
}

TEST_CASE("so do those of dense layers, ReLU and tanh") {
  for (std::ptrdiff_t inputs : {1, 7, 33, 600})
    for (std::uint64_t seed = 0; seed < 3; ++seed) {
      const auto make_dense = [&]<class T>(T) {
        return std::make_unique<dense<T>>(flat(inputs), 1 + inputs % 20, initialiser{});
      };
      const auto make_relu = [&]<class T>(T) { return std::make_unique<relu<T>>(flat(inputs)); };
      const auto make_tanh = [&]<class T>(T) {
        return std::make_unique<tanh_layer<T>>(flat(inputs));
      };
      CHECK(layer_error<double>(make_dense, seed) < 1e-6);
      CHECK(layer_error<float>(make_dense, seed) < 1e-3);
      CHECK(layer_error<double>(make_relu, seed) < 1e-6);
      CHECK(layer_error<float>(make_relu, seed) < 1e-3);
      CHECK(layer_error<double>(make_tanh, seed) < 1e-6);
      CHECK(layer_error<float>(make_tanh, seed) < 1e-3);
    }
}

TEST_CASE("a convolution is the sum over the windows") {
  generator random(1, "convolution");
  for (const auto& pair : image_windows) {
    const auto& input = pair.first;
    const auto& w = pair.second;
    CAPTURE(to_string(input));
    conv2d<double> tested(input, 5, w.kernel, w.stride, w.padding, {});
    const auto& output = tested.output();
    const auto x = random_numbers<double>(input.size(), 2, random);
    const auto p =
        random_numbers<double>(static_cast<std::ptrdiff_t>(tested.parameter_count()), 1, random);
    matrix<double> y(output.size(), 2);
    tested.reserve(2);
    tested.forward({p.data(), static_cast<std::size_t>(p.size())}, {x.data(), x.rows(), 2},
                   {y.data(), y.rows(), 2}, {});
    double worst = 0;
    for (std::ptrdiff_t i = 0; i < y.size(); ++i) {
      const auto f = i % 5;
      const auto column = i / 5 % output.width;
      const auto row = i / 5 / output.width % output.height;
      double sum = p(p.size() - 5 + f, 0);
      for (std::ptrdiff_t k = 0; k < w.kernel * w.kernel * input.channels; ++k) {
        const auto yy = row * w.stride - w.padding + k / (w.kernel * input.channels);
        const auto xx = column * w.stride - w.padding + k / input.channels % w.kernel;
        if (yy >= 0 && yy < input.height && xx >= 0 && xx < input.width)
          sum +=
              p(f * w.kernel * w.kernel * input.channels + k, 0) *
              x((yy * input.width + xx) * input.channels + k % input.channels, i / output.size());
      }
      worst = std::max(worst, std::abs(sum - y.data()[i]));
    }
    CHECK(worst < 1e-10);
  }
}

TEST_CASE("a maximum's gradient goes to the first of equals; NaN is the largest") {
  max_pool<float> tested({2, 2, 1}, {2, 2, 0});
  tested.reserve(2);
  const auto nan = std::numeric_limits<float>::quiet_NaN();
  matrix<float> x(4, 2);
  x << 1, 5, 3, nan, 3, 7, 3, 2;
  matrix<float> y(1, 2);
  matrix<float> delta = matrix<float>::Ones(1, 2);
  matrix<float> passed(4, 2);
  tested.forward({}, {x.data(), 4, 2}, {y.data(), 1, 2}, {});
  tested.backward({}, {x.data(), 4, 2}, {y.data(), 1, 2}, {delta.data(), 1, 2}, {},
                  {passed.data(), 4, 2});
  CHECK(y(0, 0) == 3);
  CHECK(std::isnan(y(0, 1)));
  matrix<float> expected(4, 2);
  expected << 0, 0, 1, 1, 0, 0, 0, 0;
  CHECK(passed == expected);
}

TEST_CASE("a ReLU lets NaN through") {
  relu<float> tested(flat(3));
  matrix<float> x(3, 1);
  x << -1, std::numeric_limits<float>::quiet_NaN(), 2;
  tested.forward({}, {x.data(), 3, 1}, {x.data(), 3, 1}, {});
  CHECK(x(0, 0) == 0);
  CHECK(std::isnan(x(1, 0)));
  CHECK(x(2, 0) == 2);
}

TEST_CASE("start points: deviation and bounds of each initialiser") {
  generator random(1, "start");
  std::vector<double> w(20'000);
  const auto deviation = [&] {
    double sum = 0;
    for (auto x : w)
      sum += x * x;
    return std::sqrt(sum / static_cast<double>(w.size()));
  };
  initialiser{"he"}.fill<double>(w, 50, 7, random);
  CHECK(deviation() == doctest::Approx(0.2).epsilon(0.03));
  initialiser{"glorot"}.fill<double>(w, 17, 7, random);
  CHECK(deviation() == doctest::Approx(0.5 / std::sqrt(3)).epsilon(0.03));
  initialiser{"truncated_normal", 0.1}.fill<double>(w, 17, 7, random);
  CHECK(deviation() == doctest::Approx(0.088).epsilon(0.03));
  for (auto x : w)
    CHECK(std::abs(x) <= 0.2);
  initialiser{"zero"}.fill<double>(w, 17, 7, random);
  CHECK(deviation() == 0);
}

TEST_CASE("gradients of the LSTM agree with central differences, of the last output and of all") {
  for (const shape& input : {shape{1, 1, 3}, {5, 1, 1}, {4, 2, 3}, {10, 1, 2}})
    for (std::ptrdiff_t units : {1, 5, 20})
      for (bool sequence : {false, true})
        for (std::uint64_t seed = 0; seed < 3; ++seed) {
          CAPTURE(to_string(input));
          CAPTURE(units);
          CAPTURE(sequence);
          const auto make = [&]<class T>(T) {
            return std::make_unique<lstm_layer<T>>(input, units, sequence);
          };
          CHECK(layer_error<double>(make, seed) < 1e-6);
          CHECK(layer_error<float>(make, seed) < 1e-3);
        }
}

TEST_CASE("local response normalisation is its formula, and so are its gradients") {
  generator random{1, "norm"};
  for (const shape& input : {shape{3, 2, 7}, {20, 11, 64}, {13, 9, 37}, {40, 50, 1}, {1, 2, 5000}})
    for (std::ptrdiff_t depth : {1, 5, 9, 65535})
      for (double beta : {0.75, 0.4}) {
        CAPTURE(to_string(input));
        CAPTURE(depth);
        CAPTURE(beta);
        if (depth > 9 && input.channels > 1000)
          continue; // the loops below would take too long
        local_response_norm<double> norm{input, depth, 2, 0.3, beta};
        norm.reserve(2);
        const auto x = random_numbers<double>(input.size(), 2, random);
        matrix<double> y(x.rows(), 2);
        norm.forward({}, {x.data(), x.rows(), 2}, {y.data(), y.rows(), 2}, {});
        const auto half = depth / 2;
        const auto last = input.channels - 1;
        double worst = 0;
        for (std::ptrdiff_t i = 0; i < x.size(); ++i) {
          const auto c = i % input.channels;
          double sum = 0;
          for (auto j = std::max<std::ptrdiff_t>(0, c - half); j <= std::min(last, c + half); ++j)
            sum += x.data()[i - c + j] * x.data()[i - c + j];
          const auto expected = x.data()[i] / std::pow(2 + 0.3 * sum, beta);
          worst = std::max(worst, std::abs(y.data()[i] - expected));
        }
        CHECK(worst < 1e-12);
      }
  for (const shape& input : {shape{20, 11, 64}, {13, 9, 37}}) { // more than is done at a time
    const auto make = [&]<class T>(T) {
      return std::make_unique<local_response_norm<T>>(input, 9, 1, 0.5, 0.75);
    };
    CHECK(layer_error<double>(make, 1) < 1e-6);
    CHECK(layer_error<float>(make, 1) < 1e-3);
  }
  for (std::ptrdiff_t channels : {1, 4, 16, 33})
    for (std::ptrdiff_t depth : {1, 5, 9})
      for (double beta : {0.75, 0.4})
        for (std::uint64_t seed = 0; seed < 3; ++seed) {
          CAPTURE(channels);
          CAPTURE(depth);
          CAPTURE(beta);
          const auto make = [&]<class T>(T) {
            return std::make_unique<local_response_norm<T>>(shape{2, 3, channels}, depth, 1, 0.5,
                                                            beta);
          };
          CHECK(layer_error<double>(make, seed) < 1e-6);
          CHECK(layer_error<float>(make, seed) < 1e-3);
        }
}

TEST_CASE("a number that is not finite stays in its place") {
  local_response_norm<float> norm{{1, 4, 20}, 9, 1, 0.5, 0.75};
  matrix<float> x = matrix<float>::Ones(80, 1);
  x(39, 0) = std::numeric_limits<float>::quiet_NaN(); // the last channel of the second place
  matrix<float> y(80, 1);
  matrix<float> delta = matrix<float>::Ones(80, 1);
  matrix<float> passed(80, 1);
  for (int turn = 0; turn < 2; ++turn) { // and does not stay in the scratch
    norm.forward({}, {x.data(), 80, 1}, {y.data(), 80, 1}, {});
    norm.backward({}, {x.data(), 80, 1}, {y.data(), 80, 1}, {delta.data(), 80, 1}, {},
                  {passed.data(), 80, 1});
    CHECK(std::isnan(y(39, 0)) == (turn == 0));
    CHECK(std::isnan(passed(39, 0)) == (turn == 0));
    for (std::ptrdiff_t i = 0; i < 80; ++i)
      if (i < 20 || i >= 40) {
        CHECK(std::isfinite(y(i, 0)));
        CHECK(std::isfinite(passed(i, 0)));
      }
    x(39, 0) = 1;
  }
}
