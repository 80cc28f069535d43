// A worker's copy of the model and the emulated device, without an actor.
#include "actors/worker/replica.hpp"
#include "actors/clock/actor_time.hpp"
#include "actors/emulation/device.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <vector>

using namespace adsp;

TEST_CASE("shards cover the parameters once, in order") {
  for (std::uint64_t parameters : {1, 7, 8, 9, 64}) {
    std::uint64_t next = 0;
    for (const auto& range : plan_shards(parameters, 8)) {
      CHECK(range.first == next);
      CHECK(range.size >= 1);
      CHECK(range.size <= 8);
      next += range.size;
    }
    CHECK(next == parameters);
  }
}

TEST_CASE("an update is what training has taken away since the last fresh block") {
  replica copy{plan_shards(5, 3)};
  CHECK(copy.refresh(0, copy_of(std::vector{1.0f, 2.0f, 3.0f})));
  CHECK(copy.refresh(1, copy_of(std::vector{4.0f, 5.0f})));
  copy.parameters()[1] -= 0.5f;
  copy.parameters()[4] += 2;
  CHECK(copy.update(0) == copy_of(std::vector{0.0f, 0.5f, 0.0f}));
  CHECK(copy.update(1) == copy_of(std::vector{0.0f, -2.0f}));
  CHECK(copy.refresh(0, copy_of(std::vector{7.0f, 7.0f, 7.0f})));
  CHECK(copy.parameters()[1] == 7);
  CHECK(copy.update(0) == copy_of(std::vector{0.0f, 0.0f, 0.0f}));
}

TEST_CASE("there is no update of what is not finite, wherever it is") {
  constexpr std::size_t size = 67; // no multiple of a vector's width
  for (const float bad :
       {std::numeric_limits<float>::quiet_NaN(), -std::numeric_limits<float>::infinity(),
        std::numeric_limits<float>::lowest()}) { // the difference overflows
    for (std::size_t at = 0; at < size; ++at) {
      replica copy{plan_shards(size + 1, size)};
      CHECK(copy.refresh(0, copy_of(std::vector<float>(size, std::numeric_limits<float>::max()))));
      CHECK(copy.refresh(1, copy_of(std::vector{1.0f})));
      CHECK(copy.update(0));
      copy.parameters()[at] = bad;
      CHECK_FALSE(copy.update(0));
      CHECK(copy.update(1));
    }
  }
}

TEST_CASE("after a commit without fresh blocks the next update starts from the local copy") {
  replica copy{plan_shards(2, 1)};
  CHECK(copy.refresh(0, copy_of(std::vector{1.0f})));
  CHECK(copy.refresh(1, copy_of(std::vector{1.0f})));
  copy.parameters()[0] = 0;
  copy.rebase();
  copy.parameters()[0] = -3;
  CHECK(copy.update(0) == copy_of(std::vector{3.0f}));
  CHECK(copy.update(1) == copy_of(std::vector{0.0f}));
}

TEST_CASE("steps made during a commit that brought no blocks are in the next update") {
  for (const auto format : {wire_format::fp32, wire_format::topk}) {
    replica copy{plan_shards(2, 1), {.format = format, .share = 1}};
    CHECK(copy.refresh(0, copy_of(std::vector{1.0f})));
    CHECK(copy.refresh(1, copy_of(std::vector{1.0f})));
    copy.parameters()[0] = 0;
    CHECK(copy.update(0, true));
    CHECK(copy.update(1, true));
    copy.parameters()[0] = -3;
    copy.rebase();
    const auto update = copy.update(0);
    REQUIRE(update);
    std::vector<float> decoded(1);
    decode(*update, decoded);
    CHECK(decoded == std::vector{3.0f});
    copy.rebase();
    CHECK(copy.parameters()[0] == -3);
  }
}

TEST_CASE("a block of another length is refused and changes nothing") {
  replica copy{plan_shards(2, 2)};
  CHECK(copy.refresh(0, copy_of(std::vector{1.0f, 2.0f})));
  CHECK_FALSE(copy.refresh(0, copy_of(std::vector{9.0f})));
  CHECK(copy.parameters()[0] == 1);
}

TEST_CASE("an update in flight is not overwritten by the next one") {
  replica copy{plan_shards(1, 1)};
  CHECK(copy.refresh(0, copy_of(std::vector{1.0f})));
  copy.parameters()[0] = 0;
  const auto first = copy.update(0);
  copy.parameters()[0] = -1;
  const auto second = copy.update(0);
  REQUIRE(first);
  REQUIRE(second);
  CHECK(first->plain().values()[0] == 1);
  CHECK(second->plain().values()[0] == 2);
}

TEST_CASE("a step's time has the mean and the spread that the config says") {
  worker_group group;
  group.step_seconds = 0.2;
  group.jitter = 0.3;
  device machine{group, learning::generator{1, "test"}};
  double sum = 0;
  double squares = 0;
  constexpr int draws = 20'000;
  for (int i = 0; i < draws; ++i) {
    const auto time = machine.step_time(0);
    REQUIRE(time > 0);
    sum += time;
    squares += time * time;
  }
  const auto mean = sum / draws;
  CHECK(mean == doctest::Approx(0.2).epsilon(0.02));
  CHECK(std::sqrt(squares / draws - mean * mean) / mean == doctest::Approx(0.3).epsilon(0.05));
}

TEST_CASE("no throttle and no jitter make a step shorter than the clock's tick") {
  device_options x;
  x.step_seconds = 1e-9;
  x.throttle = {{0, 1e-6}};
  device steady{x, learning::generator{1, "test"}};
  CHECK(steady.step_time(1) == 1e-9);
  x.jitter = 2;
  device shaking{x, learning::generator{1, "test"}};
  for (int i = 0; i < 100; ++i)
    REQUIRE(shaking.step_time(1) >= 1e-9);
}

TEST_CASE("a throttled device takes longer from its times on") {
  device_options x;
  x.step_seconds = 0.5;
  x.throttle = {{10, 4}, {20, 1}};
  device machine{x, learning::generator{1, "test"}};
  CHECK(machine.step_time(9.9) == 0.5);
  CHECK(machine.step_time(10) == 2);
  CHECK(machine.step_time(20) == 0.5);
}

TEST_CASE("a merge adds what was learnt since the commit to the fresh parameters") {
  replica copy{plan_shards(3, 2)};
  CHECK(copy.refresh(0, copy_of(std::vector{1.0f, 2.0f})));
  CHECK(copy.refresh(1, copy_of(std::vector{3.0f})));
  copy.parameters()[0] = 0.5f;
  const auto committed = copy.update(0, true); // 0.5, 0
  REQUIRE(committed);
  copy.parameters()[0] = 0.25f;
  copy.parameters()[1] = 1.0f;
  REQUIRE(copy.merge(0, copy_of(std::vector{8.0f, 9.0f})));
  CHECK(copy.parameters()[0] == 7.75f);
  CHECK(copy.parameters()[1] == 8.0f);
  const auto next = copy.update(0, true); // what was learnt meanwhile, and only that
  REQUIRE(next);
  CHECK(next->plain().values()[0] == 0.25f);
  CHECK(next->plain().values()[1] == 1.0f);
  CHECK_FALSE(copy.merge(0, copy_of(std::vector{8.0f})));
}

TEST_CASE("a transfer takes the latency and the bytes' time") {
  worker_group group;
  group.latency = 0.01;
  group.bandwidth = 8000;
  const device machine{group, learning::generator{1, "test"}};
  CHECK(machine.transfer_time(500) == doctest::Approx(0.51));
  group.bandwidth = 0;
  CHECK(device{group, learning::generator{1, "test"}}.transfer_time(500) == 0.01);
}

TEST_CASE("a delay beyond the clock's range stays a delay") {
  CHECK(to_duration(1e300) > to_duration(3e9));
  CHECK(to_duration(0.5) == std::chrono::milliseconds{500});
}
