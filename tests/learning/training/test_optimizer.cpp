// Optimisers against their formulas written out in double precision, schedules against closed
// forms.
#include "learning/random.hpp"
#include "learning/training/optimizer.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <stdexcept>

using namespace adsp::learning;

namespace {

/// One parameter of the formulas as they are printed.
struct reference {
  const optimizer_options& x;
  double w = 0.5;
  double v = 0;
  double squares = 0;
  int t = 0;

  void step(double rate, double g) {
    ++t;
    const auto kind = optimizer_kind(x);
    if (kind == "adam") {
      v = x.beta1 * v + (1 - x.beta1) * g;
      squares = x.beta2 * squares + (1 - x.beta2) * g * g;
      const auto mean = v / (1 - std::pow(x.beta1, t));
      const auto variance = squares / (1 - std::pow(x.beta2, t));
      w -= rate * mean / (std::sqrt(variance) + x.epsilon);
      return;
    }
    v = x.momentum * v + g;
    w -= rate * (kind == "nesterov" ? g + x.momentum * v : v);
  }
};

/// Runs 50 steps of both; the largest difference of a parameter.
double difference(const optimizer_options& x) {
  constexpr std::size_t size = 2083; // more than a piece, and no multiple of a vector register
  generator random(1, "optimizer");
  std::vector<float> w(size, 0.5F);
  std::vector<float> g(size);
  std::vector<reference> exact(size, reference{x});
  optimizer descent(x, size);
  double result = 0;
  for (std::uint64_t step = 0; step < 50; ++step) {
    const auto rate = learning_rate_at(x, step);
    CHECK(descent.learning_rate() == rate);
    for (auto& value : g)
      value = static_cast<float>(random.normal());
    descent.step(w, g);
    for (std::size_t i = 0; i < size; ++i) {
      exact[i].step(rate, static_cast<double>(g[i]));
      result = std::max(result, std::abs(exact[i].w - static_cast<double>(w[i])));
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
  CHECK(difference({.learning_rate = 0.1, .momentum = 0.9, .kind = "nesterov"}) < 1e-4);
  CHECK(difference({.learning_rate = 0.01, .kind = "adam"}) < 1e-5);
  CHECK(difference({.learning_rate = 0.01, .kind = "adam", .beta1 = 0.5, .beta2 = 0.9}) < 1e-5);
  CHECK(difference({.learning_rate = 0.01,
                    .kind = "adam",
                    .schedule = "cosine",
                    .total_steps = 40,
                    .warmup_steps = 10}) < 1e-5);
}

TEST_CASE("without a kind, momentum alone says which it is") {
  CHECK(optimizer_kind({}) == "sgd");
  CHECK(optimizer_kind({.momentum = 0.9}) == "momentum");
  CHECK(optimizer_kind({.momentum = 0.9, .kind = "nesterov"}) == "nesterov");
  CHECK(schedule_kind({}) == "constant");
  CHECK(schedule_kind({.decay_every = 3}) == "step");
  optimizer_options unknown;
  unknown.kind = "adamw";
  CHECK_THROWS_AS(optimizer(unknown, 1), std::invalid_argument);
  unknown = {};
  unknown.schedule = "linear";
  CHECK_THROWS_AS(optimizer(unknown, 1), std::invalid_argument);
}

TEST_CASE("two steps of each kind, by hand") {
  const auto after_two = [](const optimizer_options& x) {
    optimizer descent(x, 1);
    std::vector<float> w{1};
    descent.step(w, std::vector<float>{1});
    descent.step(w, std::vector<float>{2});
    return w[0];
  };
  CHECK(after_two({.learning_rate = 0.1}) == doctest::Approx(0.7));
  // v = 1, then 0.5 + 2
  CHECK(after_two({.learning_rate = 0.1, .momentum = 0.5}) == doctest::Approx(0.65));
  // 1 + 0.5 * 1, then 2 + 0.5 * 2.5
  CHECK(after_two({.learning_rate = 0.1, .momentum = 0.5, .kind = "nesterov"}) ==
        doctest::Approx(1 - 0.15 - 0.325));
  // A first step of learning_rate, whatever the gradient; then m = (0.25 + 1) / 0.75, v = (0.25 +
  // 2) / 0.75.
  CHECK(after_two({.learning_rate = 0.1, .kind = "adam", .beta1 = 0.5, .beta2 = 0.5}) ==
        doctest::Approx(1 - 0.1 - 0.1 * (1.25 / 0.75) / std::sqrt(2.25 / 0.75)));
}

TEST_CASE("schedules are what their closed forms say") {
  const auto at = [](const optimizer_options& x, std::uint64_t step) {
    return doctest::Approx(learning_rate_at(x, step));
  };
  const optimizer_options step{.learning_rate = 1, .decay = 0.5, .decay_every = 10, .floor = 0.2};
  CHECK(at(step, 0) == 1);
  CHECK(at(step, 9) == 1);
  CHECK(at(step, 10) == 0.5);
  CHECK(at(step, 29) == 0.25);
  CHECK(at(step, 30) == 0.2); // the floor
  const optimizer_options exponential{
      .learning_rate = 1, .decay = 0.25, .decay_every = 10, .schedule = "exponential"};
  CHECK(at(exponential, 5) == 0.5);
  CHECK(at(exponential, 10) == 0.25);
  const optimizer_options cosine{
      .learning_rate = 1, .schedule = "cosine", .total_steps = 12, .floor = 0.5};
  CHECK(at(cosine, 0) == 1);
  CHECK(at(cosine, 4) == 0.875); // cos(pi / 3) = 1/2
  CHECK(at(cosine, 6) == 0.75);
  CHECK(at(cosine, 12) == 0.5);
  CHECK(at(cosine, 1000) == 0.5);
  const optimizer_options warm{
      .learning_rate = 1, .decay = 0.5, .decay_every = 4, .warmup_steps = 8};
  CHECK(at(warm, 0) == 0.125);
  CHECK(at(warm, 3) == 0.5);
  CHECK(at(warm, 4) == 0.5 * 0.625); // warm-up and schedule multiply
  CHECK(at(warm, 7) == 0.5);
  CHECK(at(warm, 8) == 0.25);
}

TEST_CASE("without decay_every the learning rate stays") {
  optimizer descent({.learning_rate = 0.3, .decay = 0.1}, 1);
  std::vector<float> w(1);
  std::vector<float> g(1);
  for (int i = 0; i < 10; ++i)
    descent.step(w, g);
  CHECK(descent.learning_rate() == 0.3);
}

TEST_CASE("a restart forgets the velocity and nothing else") {
  optimizer_options x;
  x.momentum = 0.9;
  x.decay = 0.5;
  x.decay_every = 2;
  optimizer descent(x, 1);
  std::vector<float> w{0};
  const std::vector<float> g{1};
  descent.step(w, g);
  descent.step(w, g);
  descent.restart();
  w = {0};
  descent.step(w, g);
  CHECK(w[0] == doctest::Approx(-0.05));
}

TEST_CASE("a restart forgets moments and their count, not the schedule") {
  const optimizer_options x{.learning_rate = 1, .decay = 0.5, .decay_every = 2, .kind = "adam"};
  optimizer descent(x, 1);
  std::vector<float> w{0};
  descent.step(w, std::vector<float>{5});
  descent.step(w, std::vector<float>{-3});
  descent.restart();
  w = {0};
  descent.step(w, std::vector<float>{7});
  CHECK(w[0] == doctest::Approx(-0.5)); // a first step of Adam at half the rate
}
