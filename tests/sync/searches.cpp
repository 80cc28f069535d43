// What the searches for the commit rate make of what a probe is worth.
#include "sync/neighbour_search.hpp"
#include "sync/rate_search.hpp"
#include "sync/reward.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

using namespace adsp::sync;

namespace {

reward_rule curve_to(double reference_loss) {
  return {reward_kind::curve, reference_loss};
}

/// Plays a neighbour search against losses that fall fastest at `peak`; returns the rate it ends
/// at.
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

/// Of how many searches, each from begin to end with so many evaluation intervals a window, moves
/// one to 8 commits where the loss falls `gain` times as fast as elsewhere.
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
