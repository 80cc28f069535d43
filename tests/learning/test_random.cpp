// The generator: same numbers for the same names, other numbers for others, and the right moments.
#include "learning/random.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <set>

using adsp::learning::generator;

namespace {

constexpr int draws = 200'000;

struct moments {
  double mean = 0;
  double variance = 0;
};

template <class Draw>
moments measure(Draw draw) {
  double sum = 0;
  double squares = 0;
  for (int i = 0; i < draws; ++i) {
    double x = draw();
    sum += x;
    squares += x * x;
  }
  return {sum / draws, squares / draws - sum / draws * (sum / draws)};
}

} // namespace

TEST_CASE("the same seed, name and index give the same numbers") {
  generator a(7, "worker", 3);
  generator b(7, "worker", 3);
  for (int i = 0; i < 1000; ++i)
    CHECK(a() == b());
}

TEST_CASE("seed, name and index each select another stream") {
  std::set<std::uint64_t> first;
  for (std::uint64_t seed = 0; seed < 20; ++seed)
    for (auto name : {"", "a", "b", "worker", "workers"})
      for (std::uint64_t index = 0; index < 20; ++index)
        first.insert(generator(seed, name, index)());
  CHECK(first.size() == 20 * 5 * 20);
}

TEST_CASE("neighbouring streams are not correlated") {
  generator a(1, "worker", 0);
  generator b(1, "worker", 1);
  auto product = measure([&] { return (a.uniform() - 0.5) * (b.uniform() - 0.5) * 12; });
  // The mean of 200,000 products of variance 1 has a deviation of 0.0022.
  CHECK(std::abs(product.mean) < 0.01);
}

TEST_CASE("uniform is in [0, 1) with the moments of the uniform distribution") {
  generator random(2, "uniform");
  auto found = measure([&] {
    auto x = random.uniform();
    REQUIRE(x >= 0);
    REQUIRE(x < 1);
    return x;
  });
  CHECK(found.mean == doctest::Approx(0.5).epsilon(0.01));
  CHECK(found.variance == doctest::Approx(1.0 / 12).epsilon(0.01));
}

TEST_CASE("below gives every number as often") {
  generator random(3, "below");
  std::array<int, 7> counts{};
  for (int i = 0; i < draws; ++i)
    ++counts.at(random.below(counts.size()));
  for (auto n : counts) // the deviation of a count is 0.0061 of it
    CHECK(n == doctest::Approx(draws / 7.0).epsilon(0.03));
  CHECK(random.below(1) == 0);
  auto large = (std::uint64_t{1} << 63) + 1; // rejects nearly half of the draws
  for (int i = 0; i < 1000; ++i)
    CHECK(random.below(large) < large);
}

TEST_CASE("normal has mean 0 and variance 1") {
  generator random(4, "normal");
  auto found = measure([&] { return random.normal(); });
  CHECK(std::abs(found.mean) < 0.01);
  CHECK(found.variance == doctest::Approx(1).epsilon(0.02));
}

TEST_CASE("gamma has mean and variance equal to its shape, below 1 too") {
  for (auto shape : {0.1, 0.5, 1.0, 2.5, 30.0}) {
    CAPTURE(shape);
    generator random(5, "gamma");
    auto found = measure([&] { return random.gamma(shape); });
    CHECK(found.mean == doctest::Approx(shape).epsilon(0.03));
    CHECK(found.variance == doctest::Approx(shape).epsilon(0.06));
  }
}
