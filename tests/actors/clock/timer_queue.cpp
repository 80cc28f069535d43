// The queue of a virtual clock's timers against a sorted set: always the least, however the times
// are spread.
#include "actors/clock/timer_queue.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <random>
#include <set>

using namespace adsp;

namespace {

using ticks = timer_queue::time_point::duration;

/// Takes and sets timers at random, `distance` ahead of the last one taken, and compares.
void compare(const std::function<std::int64_t(std::mt19937&)>& distance, int timers) {
  std::mt19937 random{7};
  timer_queue queue;
  std::set<timer_queue::key> expected;
  std::uint64_t order = 0;
  std::int64_t now = 0;
  const auto set = [&] {
    const timer_queue::key x{timer_queue::time_point{ticks{now + distance(random)}}, order++, 0};
    queue.push(x);
    expected.insert(x);
  };
  const auto take = [&] {
    REQUIRE_FALSE(queue.empty());
    const auto x = queue.pop();
    REQUIRE(x.order == expected.begin()->order);
    REQUIRE(x.due == expected.begin()->due);
    expected.erase(expected.begin());
    now = x.due.time_since_epoch().count();
  };
  for (int i = 0; i < timers; ++i)
    set();
  for (int i = 0; i < 20'000; ++i) {
    take();
    for (auto more = random() % 3; more > 0 && expected.size() < 2U * timers; --more)
      set();
    if (expected.empty())
      set();
  }
  while (!expected.empty())
    take();
  CHECK(queue.empty());
}

} // namespace

TEST_CASE("timers come in the order of their times, and of their setting where times are equal") {
  const auto up_to = [](std::int64_t most) {
    return [=](std::mt19937& random) {
      return std::uniform_int_distribution<std::int64_t>{0, most}(random);
    };
  };
  const auto steps_and_limits = [](std::mt19937& random) {
    return random() % 8 == 0 ? 3'600'000'000'000
                             : 900'000'000 + std::int64_t(random() % 200'000'000);
  };
  const auto any_scale = [](std::mt19937& random) { return std::int64_t{1} << (random() % 45); };
  for (int timers : {1, 3, 100, 5'000}) {
    CAPTURE(timers);
    compare(up_to(0), timers);
    compare(up_to(1), timers);
    compare(up_to(1'000'000'000), timers);
    compare(steps_and_limits, timers);
    compare(any_scale, timers);
  }
}

TEST_CASE("a cleared queue is empty and can be used again") {
  timer_queue queue;
  for (std::int64_t i = 0; i < 1'000; ++i)
    queue.push({timer_queue::time_point{ticks{1'000'000 * (i % 7)}}, std::uint64_t(i), 0});
  queue.pop();
  queue.clear();
  CHECK(queue.empty());
  queue.push({timer_queue::time_point{ticks{5}}, 1, 42});
  CHECK(queue.pop().slot == 42);
  CHECK(queue.empty());
}
