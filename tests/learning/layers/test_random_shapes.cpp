// Gradients of every layer against central differences, its shapes drawn from the seed.
#include "learning/layers/activation.hpp"
#include "learning/layers/conv2d.hpp"
#include "learning/layers/dense.hpp"
#include "learning/layers/dropout_layer.hpp"
#include "learning/layers/embedding_layer.hpp"
#include "learning/layers/gru_layer.hpp"
#include "learning/layers/layer_norm.hpp"
#include "learning/layers/local_response_norm.hpp"
#include "learning/layers/lstm_layer.hpp"
#include "learning/layers/pool.hpp"
#include "tests/learning/layers/layer_check.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace adsp::learning;

namespace {

constexpr std::uint64_t seeds = 25;

/// Numbers of a layer, drawn.
class drawn {
public:
  explicit drawn(std::uint64_t seed) : random_(seed, "shapes") {}

  std::ptrdiff_t between(std::ptrdiff_t low, std::ptrdiff_t high) {
    return low +
           static_cast<std::ptrdiff_t>(random_.below(static_cast<std::uint64_t>(high - low + 1)));
  }

  shape image(std::ptrdiff_t channels) {
    const auto height = between(1, 11);
    const auto width = between(1, 11);
    return {height, width, between(1, channels)};
  }

  shape series() {
    const auto steps = between(1, 9);
    const auto width = between(1, 3);
    return {steps, width, between(1, 9)};
  }

  /// A window that fits, some with padding and strides that leave pixels out.
  pool_windows window(const shape& input) {
    const auto padding = between(0, 3);
    const auto most = std::min(input.height, input.width) + 2 * padding;
    const auto kernel = between(std::min(padding + 1, most), std::min<std::ptrdiff_t>(most, 7));
    return {kernel, between(1, 4), std::min(padding, kernel - 1)};
  }

private:
  generator random_;
};

/// `make`(drawn, Scalar{}) draws a layer and makes it: the same for each type.
template <class Make>
void check_layers(const Make& make, const layer_check& special = {}) {
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    CAPTURE(seed);
    const auto of_seed = [&]<class T>(T) {
      drawn from(seed);
      return make(from, T{});
    };
    const auto tested = of_seed(0.0);
    CAPTURE(to_string(tested->input()));
    CAPTURE(to_string(tested->output()));
    CHECK(layer_error<double>(of_seed, seed, 100, special) < 1e-6);
    CHECK(layer_error<float>(of_seed, seed, 100, special) < 1e-3);
  }
}

} // namespace

TEST_CASE("random shapes: dense layers, ReLU and tanh") {
  check_layers([]<class T>(drawn& x, T) {
    const auto inputs = x.between(1, 300);
    return std::make_unique<dense<T>>(flat(inputs), x.between(1, 70), initialiser{});
  });
  check_layers([]<class T>(drawn& x, T) { return std::make_unique<relu<T>>(x.image(20)); });
  check_layers([]<class T>(drawn& x, T) { return std::make_unique<tanh_layer<T>>(x.image(20)); });
}

TEST_CASE("random shapes: convolutions and pools") {
  check_layers([]<class T>(drawn& x, T) {
    const auto input = x.image(20);
    const auto w = x.window(input);
    return std::make_unique<conv2d<T>>(input, x.between(1, 40), w.kernel, w.stride, w.padding,
                                       initialiser{});
  });
  check_layers([]<class T>(drawn& x, T) {
    const auto input = x.image(20);
    return std::make_unique<max_pool<T>>(input, x.window(input));
  });
  check_layers([]<class T>(drawn& x, T) {
    const auto input = x.image(20);
    return std::make_unique<average_pool<T>>(input, x.window(input));
  });
}

TEST_CASE("random shapes: normalisations and dropout") {
  check_layers([]<class T>(drawn& x, T) {
    // Of one channel, or of two with scales alike, the gradient by the input is nearly zero, and
    // rounding errors all.
    auto input = x.image(40);
    input.channels += 2;
    return std::make_unique<layer_norm<T>>(input);
  });
  check_layers([]<class T>(drawn& x, T) {
    const auto input = x.image(40);
    const auto depth = 2 * x.between(0, 8) + 1;
    const auto beta = 0.1 * static_cast<double>(x.between(1, 10));
    return std::make_unique<local_response_norm<T>>(input, depth, 1, 0.3, beta);
  });
  check_layers(
      []<class T>(drawn& x, T) {
        const auto input = x.image(40);
        return std::make_unique<dropout_layer<T>>(input, 0.1 * static_cast<double>(x.between(0, 9)),
                                                  2);
      },
      {{true, 7}, 0});
}

TEST_CASE("random shapes: LSTM, GRU and embedding") {
  check_layers([]<class T>(drawn& x, T) {
    const auto input = x.series();
    const auto units = x.between(1, 40);
    return std::make_unique<lstm_layer<T>>(input, units, x.between(0, 1) == 1);
  });
  check_layers([]<class T>(drawn& x, T) {
    const auto input = x.series();
    const auto units = x.between(1, 40);
    return std::make_unique<gru_layer<T>>(input, units, x.between(0, 1) == 1);
  });
  check_layers(
      []<class T>(drawn& x, T) {
        const auto input = x.series();
        const auto vocabulary = x.between(9, 60);
        return std::make_unique<embedding_layer<T>>(input, vocabulary, x.between(1, 30));
      },
      {{}, 9});
}
