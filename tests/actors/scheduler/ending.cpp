// The end of a job as a plain machine: its promises over rough networks.
#include "tests/actors/scheduler/fake_end.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace adsp;
using kind = end_action::kind;

namespace {

constexpr unsigned seeds = 600;

/// The kind of end that a seed stands for.
end_cause cause_of(unsigned seed) {
  switch (seed % 5) {
  case 0:
    return {end_reason::max_time};
  case 1:
    return {end_reason::target_reached};
  case 2:
    return {end_reason::interrupted, "asked to"};
  case 3:
    return {end_reason::failed, "no worker is left"};
  default:
    return {end_reason::failed, "diverged", true};
  }
}

test::fake_end end_of(unsigned seed, test::rough_weather weather) {
  // Now and then more workers than may be asked at a time.
  const std::size_t workers = seed % 4 == 0 ? 100 : seed % 4;
  const bool averages = seed / 4 % 2 == 0;
  test::fake_end x{workers, 1 + seed % 3, averages, weather, seed};
  x.end_at(1 + x.uniform(), cause_of(seed), x.uniform() < 0.5, x.uniform() < 0.7);
  return x;
}

} // namespace

TEST_CASE("an end keeps its promises over any network, whoever dies when") {
  for (unsigned seed = 0; seed < seeds; ++seed) {
    CAPTURE(seed);
    auto x = end_of(seed, {{0.5, 0.2, seed % 3 == 0 ? 0.2 : 0.0}, seed / 8 % 2 == 0 ? 0.3 : 0.05});
    x.run();
    CHECK(x.broken == "");
    CHECK(x.conclusions == 1);
  }
}

TEST_CASE("an end waits for nobody who is lost") {
  test::rough_weather weather;
  double latest = 5;
  SUBCASE("the living answer, and half of the others die before they do") {
    weather = {{0.5, 0, 0}, 0.5};
    latest = 5 + 4 * 0.5 + 100.0 / roll_call::window * 0.5; // a phase takes one delay
  }
  SUBCASE("the living answer, and few die") {
    weather = {{0.5, 0, 0}, 0.1, 3};
    latest = 2 + 4 * 0.5 + 100.0 / roll_call::window * 0.5; // it has begun after 2 s
  }
  SUBCASE("nobody ever answers, and everybody dies") {
    weather = {{0.5, 0, 1}, 1};
  }
  for (unsigned seed = 0; seed < seeds; ++seed) {
    CAPTURE(seed);
    auto x = end_of(seed, weather);
    x.run();
    CHECK(x.broken == "");
    REQUIRE(x.conclusions == 1);
    CHECK(x.concluded_at <= latest);
  }
}

TEST_CASE("where nobody dies and every answer comes the model is complete") {
  for (unsigned seed = 0; seed < seeds; ++seed) {
    CAPTURE(seed);
    auto x = end_of(seed, {{0.5, 0.2, 0}, 0});
    x.run();
    CHECK(x.broken == "");
    REQUIRE(x.conclusions == 1);
    CHECK_FALSE(x.machine.parameters().empty());
    const auto evaluations = std::ranges::count(x.done, kind::evaluate);
    const bool looks = cause_of(seed).diverged || seed % 5 < 2;
    CHECK(evaluations == (looks ? 1 : 0));
    CHECK(std::ranges::count(x.done, kind::restore) == (cause_of(seed).diverged ? 1 : 0));
  }
}

TEST_CASE("a roll call asks in order, a window at a time, nobody twice and nobody struck off") {
  roll_call roll{{2, 3, 5, 7}};
  CHECK(roll.next() == 2u);
  roll.strike_off(5);
  roll.strike_off(5);
  roll.strike_off(4); // not on the list
  CHECK(roll.missing() == 3);
  CHECK(roll.next() == 3u);
  CHECK(roll.next() == 7u);
  CHECK_FALSE(roll.next());
  roll.strike_off(2);
  roll.strike_off(2);
  CHECK(roll.first_missing() == 3);
  roll.strike_off(3);
  CHECK_FALSE(roll.complete());
  roll.strike_off(7);
  CHECK(roll.complete());
  std::vector<sync::worker_id> many(200);
  for (sync::worker_id i = 0; i < many.size(); ++i)
    many[i] = i;
  roll_call crowd{many};
  for (sync::worker_id i = 0; i < roll_call::window; ++i)
    CHECK(crowd.next() == i);
  CHECK_FALSE(crowd.next());
  crowd.strike_off(150);
  CHECK_FALSE(crowd.next()); // that opens no place
  crowd.strike_off(10);
  CHECK(crowd.next() == roll_call::window);
  CHECK_FALSE(crowd.next());
  CHECK(roll_call{}.complete());
}
