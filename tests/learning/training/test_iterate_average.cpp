// The average of the latest states.
#include "learning/random.hpp"
#include "learning/training/iterate_average.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace adsp::learning;

TEST_CASE("each state counts as the weights of polynomial decay say") {
  iterate_average x;
  double mean = 0;
  for (int t = 1; t <= 50; ++t) {
    const auto w = static_cast<float>(t * t);
    const double a = (iterate_average::decay + 1) / (t + iterate_average::decay);
    mean = (1 - a) * mean + a * w;
    std::vector state{w, -w};
    x.add(state);
    CHECK(state[0] == doctest::Approx(mean));
    CHECK(state[1] == doctest::Approx(-mean));
  }
}

TEST_CASE("noise around a state is mostly gone from the average") {
  iterate_average x;
  generator random{1, "noise"};
  double far = 0;
  for (int t = 0; t < 2000; ++t) {
    std::vector state{static_cast<float>(3 + random.normal())};
    x.add(state);
    if (t >= 1000)
      far = std::max(far, std::abs(state[0] - 3.0));
  }
  CHECK(far < 0.5); // the last 60 to 120 states: a standard deviation of about 0.1
}

TEST_CASE("begun anew it knows nothing of what was before") {
  iterate_average x;
  std::vector state{1e30f};
  x.add(state);
  x.add(state);
  x.restart();
  std::vector next{2.0f};
  x.add(next);
  CHECK(next[0] == 2);
  next[0] = 2;
  x.add(next);
  CHECK(next[0] == 2);
}
