// SGD against the formula written out in double precision.
#include "learning/optimizer.hpp"
#include "learning/random.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace adsp::learning;

namespace {

/// Runs 50 steps of both; the largest difference of a parameter.
double difference(const optimizer_options& x) {
  constexpr std::size_t size = 103; // no multiple of a vector register
  generator random(1, "optimizer");
  std::vector<float> w(size, 0.5F);
  std::vector<float> g(size);
  std::vector<double> reference(size, 0.5);
  std::vector<double> velocity(size);
  sgd optimizer(x, size);
  double result = 0;
  double rate = x.learning_rate;
  for (std::uint64_t step = 0; step < 50; ++step) {
    if (x.decay_every != 0 && step != 0 && step % x.decay_every == 0)
      rate *= x.decay;
    CHECK(optimizer.learning_rate() == doctest::Approx(rate));
    for (auto& value : g)
      value = static_cast<float>(random.normal());
    optimizer.step(w, g);
    for (std::size_t i = 0; i < size; ++i) {
      velocity[i] = x.momentum * velocity[i] + g[i];
      reference[i] -= rate * velocity[i];
      result = std::max(result, std::abs(reference[i] - w[i]));
    }
  }
  return result;
}

} // namespace

TEST_CASE("steps follow the formula within float rounding") {
  CHECK(difference({.learning_rate = 0.1}) < 1e-5);
  CHECK(difference({.learning_rate = 0.1, .momentum = 0.9}) < 1e-4);
  CHECK(difference({.learning_rate = 0.5, .decay = 0.5, .decay_every = 7}) < 1e-5);
  CHECK(difference({.learning_rate = 0.1, .momentum = 0.5, .decay = 0.9, .decay_every = 1}) < 1e-5);
}

TEST_CASE("without decay_every the learning rate stays") {
  sgd optimizer({.learning_rate = 0.3, .decay = 0.1}, 1);
  std::vector<float> w(1);
  std::vector<float> g(1);
  for (int i = 0; i < 10; ++i)
    optimizer.step(w, g);
  CHECK(optimizer.learning_rate() == 0.3);
}

TEST_CASE("a restart forgets the velocity and nothing else") {
  optimizer_options x;
  x.momentum = 0.9;
  x.decay = 0.5;
  x.decay_every = 2;
  sgd optimizer(x, 1);
  std::vector<float> w{0};
  const std::vector<float> g{1};
  optimizer.step(w, g);
  optimizer.step(w, g);
  optimizer.restart();
  w = {0};
  optimizer.step(w, g);
  CHECK(w[0] == doctest::Approx(-0.05));
}
