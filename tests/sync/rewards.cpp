// The rewards by which a search judges its windows: the published fitted curve, and the robust
// descent.
#include "sync/reward.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

using namespace adsp::sync;

TEST_CASE("the reward is the inverse of the time to the reference loss") {
  const loss_curve truth{0.02, 0.45, 0.3};
  std::vector<loss_sample> samples;
  for (int i = 0; i <= 20; ++i)
    samples.push_back({3.0 * i, truth(3.0 * i)});
  const auto reference = 0.5;
  const auto time = (1 / (reference - truth.a3) - truth.a2) / truth.slope;
  CHECK(1 / reward(samples, reference) == doctest::Approx(time).epsilon(0.01));
  samples.resize(3);
  CHECK(1 / reward(samples, reference) == doctest::Approx(time).epsilon(0.01));
}

TEST_CASE("2 % noise moves the time to target by less than 10 %") {
  // Where the target lies within reach of the window, so that three unknowns can be told apart: the
  // last loss has covered at least half the way to it. At least 19 of 20 fits, and the median.
  struct setting {
    loss_curve truth;
    double reference;
    double window;
    int count;
  };
  for (const auto& x :
       {setting{{0.02, 0.45, 0.3}, 0.6, 120, 61}, setting{{0.02, 0.45, 0.3}, 0.5, 120, 61},
        setting{{0.05, 0.45, 0.1}, 0.3, 60, 31}}) {
    CAPTURE(x.reference);
    const auto time = (1 / (x.reference - x.truth.a3) - x.truth.a2) / x.truth.slope;
    std::vector<double> off;
    for (unsigned seed = 0; seed < 201; ++seed) {
      std::mt19937 random{seed};
      std::normal_distribution<> noise{0, 0.02};
      std::vector<loss_sample> samples;
      for (int i = 0; i < x.count; ++i) {
        const auto t = x.window * i / (x.count - 1);
        samples.push_back({t, x.truth(t) * (1 + noise(random))});
      }
      off.push_back(1 / reward(samples, x.reference) / time - 1);
    }
    const auto near =
        std::count_if(off.begin(), off.end(), [](double e) { return std::abs(e) < 0.1; });
    CHECK(near >= 191);
    std::nth_element(off.begin(), off.begin() + 100, off.end());
    CHECK(std::abs(off[100]) < 0.02);
  }
}

TEST_CASE("losses that rise on the whole are worthless, whatever the noise") {
  for (unsigned seed = 0; seed < 500; ++seed) {
    CAPTURE(seed);
    std::mt19937 random{seed};
    std::normal_distribution<> noise{0, 0.02};
    std::vector<loss_sample> samples;
    double mean_when = 0;
    for (unsigned i = 0; i < 3 + seed % 10; ++i)
      samples.push_back({10.0 * i, (1.166 + 0.02 * i) * (1 + noise(random))});
    for (const auto& x : samples)
      mean_when += x.when / static_cast<double>(samples.size());
    double trend = 0;
    for (const auto& x : samples)
      trend += (x.when - mean_when) * x.loss;
    if (trend >= 0)
      CHECK(reward(samples, 0.5) == 0);
  }
}

TEST_CASE("hopeless losses are the worst reward, never a crash") {
  using samples = std::vector<loss_sample>;
  const auto nan = std::nan("");
  CHECK(reward(samples{}, 0.5) == 0);
  CHECK(reward(samples{{0, 2}, {1, 1}}, 0.5) == 0);
  CHECK(reward(samples{{0, 1}, {1, 2}, {2, 3}}, 0.5) == 0);   // rising
  CHECK(reward(samples{{0, 1}, {1, 1}, {2, 1}}, 0.5) == 0);   // flat
  CHECK(reward(samples{{1, 3}, {1, 2}, {1, 1}}, 0.5) == 0);   // all at once
  CHECK(reward(samples{{0, nan}, {1, 2}, {2, 1}}, 0.5) == 0); // not finite
  CHECK(reward(samples{{0, 3}, {1, 2}, {2, 1.5}}, 10) == 0);  // reached already
  CHECK(reward(samples{{0, 3}, {1, 2}, {2, 1.5}}, -1) == 0);  // out of reach
  CHECK(reward(samples{{0, 0}, {1, 0}, {2, 0}}, 0.5) == 0);   // nothing left to lose
  std::mt19937 random{5};
  for (int i = 0; i < 2000; ++i) {
    samples wild;
    for (auto n = random() % 8; n > 0; --n)
      wild.push_back(
          {static_cast<double>(random() % 5) - 1,
           std::ldexp(static_cast<double>(random()) - 2e9, -static_cast<int>(random() % 60))});
    const auto found = reward(wild, std::ldexp(1.0, static_cast<int>(random() % 20) - 10));
    CHECK(std::isfinite(found));
    CHECK(found >= 0);
  }
}

TEST_CASE("the descent is the slope of the logarithm, whatever a few outliers say") {
  std::mt19937 random{3};
  std::normal_distribution<> noise{0, 0.02};
  int near = 0;
  for (int trial = 0; trial < 200; ++trial) {
    std::vector<loss_sample> samples;
    for (int i = 0; i <= 40; ++i)
      samples.push_back({1.0 * i, 2 * std::exp(-0.01 * i + noise(random))});
    samples[7].loss *= 5;
    samples[30].loss /= 4;
    const auto found = descent(samples);
    near += std::abs(found.value - 0.01) < 2 * found.error ? 1 : 0;
    CHECK(found.error > 0);
    CHECK(found.error < 0.002);
  }
  CHECK(near >= 170);
}

TEST_CASE("the descent of a hundred thousand losses is as right as that of a few, and as quick") {
  std::mt19937 random{4};
  std::normal_distribution<> noise{0, 0.02};
  std::vector<loss_sample> samples;
  samples.reserve(100'000);
  for (int i = 0; i < 100'000; ++i)
    samples.push_back({0.01 * i, 2 * std::exp(-0.002 * 0.01 * i + noise(random))});
  const auto found = descent(samples);
  CHECK(found.value == doctest::Approx(0.002).epsilon(0.02));
  CHECK(found.error < 0.00002);
}

TEST_CASE("hopeless losses are the worst descent, and worst is never better than worst") {
  using samples = std::vector<loss_sample>;
  for (const auto& x :
       {samples{}, samples{{0, 1}, {1, 1}, {2, 1}}, samples{{1, 4}, {1, 3}, {1, 2}, {1, 1}},
        samples{{0, 1}, {1, std::nan("")}, {2, 1}, {3, 1}},
        samples{{0, 1}, {1, 0}, {2, 1}, {3, 1}}}) {
    const auto found = descent(x);
    CHECK(found.value == -std::numeric_limits<double>::infinity());
    CHECK_FALSE(surely_better(found, found));
    CHECK(surely_better({-1, 0.1}, found));
    CHECK_FALSE(surely_better(found, {-1, 0.1}));
  }
  const auto infinity = std::numeric_limits<double>::infinity();
  for (double odd : {-infinity, infinity, std::nan("")})
    for (double error : {0.0, infinity, std::nan("")}) {
      CHECK_FALSE(surely_better({odd, error}, {-infinity, error}));
      CHECK_FALSE(surely_better({odd, error}, {1, 0}));
      CHECK(surely_better({1, error}, {-infinity, infinity}));
    }
  CHECK_FALSE(surely_better({1, infinity}, {0, 0}));
}
