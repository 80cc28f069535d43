// What a probe is worth, and what the searches for the commit rate make of it.
#include "sync/neighbour_search.hpp"
#include "sync/rate_search.hpp"
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

namespace {

reward_rule curve_to(double reference_loss) {
  return {reward_kind::curve, reference_loss};
}

/// Plays a neighbour search against losses that fall fastest at `peak`; returns the rate it ends at.
double rate_found(double start, double peak, double noise, unsigned seed, double until) {
  neighbour_search search{10, {reward_kind::robust, 0}, 64, 0.3};
  std::mt19937 random{seed};
  std::normal_distribution<> wobble{0, 1};
  search.begin(start, 0);
  double height = 0;
  for (double now = 0; now < until; now += 0.5) {
    height -= 0.01 / (1 + std::abs(std::log2(search.rate() / peak)));
    search.observe(now, std::exp(height + noise * wobble(random)));
    search.close(now);
    if (!search.busy())
      search.begin(search.rate(), now);
  }
  CHECK(search.search_time(until) <= 0.3 * until);
  return search.rate();
}

} // namespace

TEST_CASE("the neighbour search finds the best rate from above and from below") {
  for (double start : {0.25, 1.0, 8.0, 32.0})
    for (double peak : {0.5, 4.0, 16.0}) {
      CAPTURE(start);
      CAPTURE(peak);
      CHECK(rate_found(start, peak, 0, 1, 2000) == doctest::Approx(peak));
      CHECK(std::abs(std::log2(rate_found(start, peak, 0.002, 1, 4000) / peak)) <= 1);
    }
}

namespace {

/// Of how many searches, each from begin to end with so many evaluation intervals a window, moves one to 8
/// commits where the loss falls `gain` times as fast as elsewhere.
struct outcome {
  int moved = 0;
  int found = 0; ///< went from 4 to 8
};

outcome searches(int count, int intervals, double noise, double gain) {
  outcome x;
  for (int seed = 0; seed < count; ++seed) {
    const auto step = 60.0 / intervals;
    neighbour_search search{60, {reward_kind::robust, 0}, 64, 0.3};
    std::mt19937 random{static_cast<unsigned>(seed)};
    std::normal_distribution<> wobble{0, noise};
    search.begin(4, 0);
    double height = 0;
    double rate = 4;
    for (int i = 0; search.busy() && rate == 4; ++i) {
      height -= 0.001 * step * (search.rate() == 8 ? gain : 1);
      search.observe(i * step, std::exp(height + wobble(random)));
      search.close(i * step);
      rate = search.probing() ? rate : search.rate();
    }
    x.moved += rate != 4 ? 1 : 0;
    x.found += rate == 8 ? 1 : 0;
  }
  return x;
}

} // namespace

TEST_CASE("at most one in fifty searches moves on pure noise, however many samples a window has") {
  for (int samples : {6, 12, 30}) {
    CAPTURE(samples);
    CHECK(searches(1000, samples - 1, 0.05, 1).moved <= 20);
  }
}

TEST_CASE("a search finds a rate that is one and a half times as good") {
  for (int samples : {6, 12, 30}) {
    CAPTURE(samples);
    CHECK(searches(200, samples - 1, 0.002, 1.5).found >= 180);
  }
}

TEST_CASE("a window that says nothing is no reason to move") {
  neighbour_search search{10, {reward_kind::robust, 0}, 64, 1};
  search.begin(4, 0);
  double now = 20; // the first window passes without a loss
  search.close(now);
  REQUIRE(search.probing());
  for (double end = now + 20; now <= end; ++now) {
    search.observe(now, std::exp(-0.01 * now));
    search.close(now);
  }
  CHECK(search.probes() == 1);
  CHECK(search.rate() <= 4);
}

TEST_CASE("a probe counts while it is under way, and after the search has begun anew") {
  neighbour_search search{10, {reward_kind::robust, 0}, 64, 1};
  search.begin(1, 0);
  double now = 0;
  for (; !search.probing(); ++now) {
    REQUIRE(now < 100);
    search.observe(now, 1);
    search.close(now);
  }
  const auto began = now - 1;
  CHECK(search.search_time(began) == 0);
  CHECK(search.search_time(began + 4) == 4);
  search.begin(2, began + 4);
  CHECK_FALSE(search.probing());
  CHECK(search.search_time(began + 30) == 4);
}

TEST_CASE("the neighbour search spends no more on probes than its share") {
  neighbour_search search{10, {reward_kind::robust, 0}, 64, 0.08};
  search.begin(1, 0);
  for (double now = 0; now < 3000; now += 1) {
    search.observe(now, 1);
    search.close(now);
    CHECK(search.search_time(now) <= 0.08 * now + 1e-9);
    if (!search.busy())
      search.begin(search.rate(), now);
  }
  CHECK(search.probes() > 10);
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

TEST_CASE("the search climbs while rewards grow, and settles on the best") {
  // Losses of a probe of rate c fall with a slope that is largest at `peak`.
  for (int peak = 1; peak <= 6; ++peak) {
    CAPTURE(peak);
    rate_search search{10, curve_to(0.2), 64};
    search.begin(1, 0);
    double now = 0;
    double a2 = 0.5;
    while (search.busy()) {
      REQUIRE(now < 1000);
      const auto slope = 0.01 / (1 + std::abs(search.rate() - peak));
      std::optional<double> next;
      for (int i = 1; i <= 10; ++i) {
        now += 1;
        a2 += slope;
        search.observe(now, 1 / a2 + 0.1);
        next = search.close(now);
        CHECK(next.has_value() == (i == 10));
      }
    }
    CHECK(search.rate() == peak);
    CHECK(search.search_time(now) == doctest::Approx(now));
  }
}

TEST_CASE("a probe without losses ends after twice its window") {
  rate_search search{10, curve_to(0.2), 64};
  search.begin(1, 5);
  CHECK(search.deadline() == 25);
  CHECK_FALSE(search.close(24));
  CHECK(search.close(25) == 2.0); // the first has none before it
  CHECK(search.busy());
  CHECK(search.deadline() == 45);
  CHECK(search.close(45) == 1.0);
  CHECK_FALSE(search.busy());
  CHECK(search.deadline() == never);
}

TEST_CASE("a first probe that says nothing does not end the search") {
  rate_search search{10, curve_to(0.2), 64};
  search.begin(1, 0);
  CHECK(search.close(20) == 2.0); // no losses: worst
  double now = 20;
  double a2 = 0.5;
  std::optional<double> next;
  while (!next) {
    REQUIRE(now < 100);
    search.observe(now, 1 / a2 + 0.1);
    next = search.close(now);
    now += 1;
    a2 += 0.01;
  }
  CHECK(next == 3.0);
}

TEST_CASE("a search ends at the largest rate allowed") {
  rate_search search{10, curve_to(0.2), 1};
  search.begin(1, 0);
  CHECK(search.close(20) == 1.0);
  CHECK_FALSE(search.busy());
}
