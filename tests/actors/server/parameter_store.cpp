// The shard's state without an actor: each commit once, snapshots that stay as they were.
#include "actors/server/parameter_store.hpp"

#include "tests/actors/server/commits.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

using namespace adsp;

using test::kept_of_four;
using test::update_of;
using test::values_of;

TEST_CASE("a commit moves the parameters against the update, scaled by eta") {
  parameter_store store{0, std::vector{1.0f, 2.0f, 3.0f}, {.eta = 0.5}};
  CHECK(store.apply(update_of({0, 1}, {2, 4, -2})) == caf::error{});
  CHECK(values_of(store.snapshot()) == std::vector{0.0f, 0.0f, 4.0f});
  CHECK(store.version() == 1);
}

TEST_CASE("a commit is applied once however often and late it comes") {
  parameter_store store{0, std::vector{0.0f}, {.eta = 1}};
  std::mt19937 random{7};
  constexpr std::uint64_t commits = 20;
  std::vector<std::uint64_t> next(3, 1); // per worker
  while (*std::min_element(next.begin(), next.end()) <= commits) {
    const auto worker = random() % next.size();
    // The next commit, or a repetition of any earlier one.
    const auto sequence = random() % 2 == 0 ? next[worker] : 1 + random() % next[worker];
    if (sequence > commits)
      continue;
    const auto id = commit_id{static_cast<worker_id>(worker), sequence};
    CHECK(store.apply(update_of(id, {-1})) == caf::error{});
    next[worker] = std::max(next[worker], sequence + 1);
  }
  CHECK(store.version() == 3 * commits);
  CHECK(values_of(store.snapshot()).front() == 3.0f * commits);
}

TEST_CASE("a bad commit changes nothing and may be sent again") {
  constexpr auto nan = std::numeric_limits<float>::quiet_NaN();
  constexpr auto infinite = std::numeric_limits<float>::infinity();
  parameter_store store{3, std::vector{1.0f, 1.0f}, {.eta = 1}};
  CHECK(store.apply(update_of({0, 1}, {1, 1}, 2)) == ec::wrong_shard);
  CHECK(store.apply(update_of({0, 1}, {1}, 3)) == ec::wrong_size);
  CHECK(store.apply(update_of({0, 1}, {}, 3)) == ec::wrong_size);
  CHECK(store.apply(update_of({0, 1}, {1, nan}, 3)) == ec::not_finite);
  CHECK(store.apply(update_of({0, 1}, {-infinite, 1}, 3)) == ec::not_finite);
  CHECK(store.version() == 0);
  CHECK(values_of(store.snapshot()) == std::vector{1.0f, 1.0f});
  CHECK(store.apply(update_of({0, 1}, {1, 1}, 3)) == caf::error{});
  CHECK(store.version() == 1);
}

TEST_CASE("a snapshot stays as it was, and without one nothing is copied") {
  parameter_store store{0, std::vector{1.0f}, {.eta = 1}};
  const auto held = store.snapshot();
  CHECK(store.apply(update_of({0, 1}, {1})) == caf::error{});
  CHECK(values_of(held).front() == 1.0f);
  CHECK(values_of(store.snapshot()).front() == 0.0f);
  const auto* before = store.snapshot().values().data();
  CHECK(store.apply(update_of({0, 2}, {1})) == caf::error{});
  CHECK(store.snapshot().values().data() == before);
}

TEST_CASE("released snapshots are used again: no more buffers than readers") {
  parameter_store store{0, std::vector{1.0f}, {.eta = 1}};
  std::vector<const float*> seen;
  parameter_block held = store.snapshot();
  for (std::uint64_t i = 1; i <= 50; ++i) {
    CHECK(store.apply(update_of({0, i}, {1})) == caf::error{});
    held = store.snapshot();
    seen.push_back(held.values().data());
  }
  std::sort(seen.begin(), seen.end());
  CHECK(std::unique(seen.begin(), seen.end()) - seen.begin() <= 3);
}

TEST_CASE("the newest rate holds") {
  parameter_store store{0, std::vector{0.0f}, {.eta = 1}};
  store.set_rate({2, 0.5});
  store.set_rate({1, 0.25});
  CHECK(store.apply(update_of({0, 1}, {-1})) == caf::error{});
  CHECK(values_of(store.snapshot()).front() == 0.5f);
}

TEST_CASE("momentum keeps a share of the last movement") {
  parameter_store store{
      0, std::vector{1.0f}, {.kind = sync::rule_kind::velocity, .eta = 1, .momentum = 0.5}};
  CHECK_FALSE(store.apply({{0, 1}, 0, true, copy_of(std::vector{0.25f})}));
  CHECK(store.snapshot().values()[0] == 0.75f);
  CHECK_FALSE(store.apply({{0, 2}, 0, true, copy_of(std::vector{0.0f})}));
  CHECK(store.snapshot().values()[0] == 0.625f);
  CHECK(store.apply({{0, 3}, 0, true, copy_of(std::vector{std::nanf("")})}));
  CHECK(store.snapshot().values()[0] == 0.625f);
}

TEST_CASE("a store returns to what was kept, once a generation, and voids what came from before") {
  const auto push_of = [](std::uint64_t sequence, std::uint32_t generation) {
    return push{{0, sequence}, 0, true, copy_of(std::vector{1.0f}), generation};
  };
  parameter_store store{0, std::vector{8.0f}, {.eta = 1.0}};
  CHECK_FALSE(store.apply(push_of(1, 0)));
  CHECK(store.candidate().values()[0] == 7);
  store.keep();
  CHECK_FALSE(store.apply(push_of(2, 0)));
  CHECK(store.candidate().values()[0] == 6); // shown, not kept
  CHECK_FALSE(store.apply(push_of(3, 0)));
  const auto shown = store.snapshot();
  store.restore(1);
  CHECK(store.snapshot().values()[0] == 7);
  CHECK(shown.values()[0] == 5);
  CHECK_FALSE(store.apply(push_of(4, 0))); // acknowledged, without effect
  CHECK(store.snapshot().values()[0] == 7);
  CHECK_FALSE(store.apply(push_of(5, 1)));
  CHECK(store.snapshot().values()[0] == 6);
  store.restore(1); // repeated
  CHECK(store.snapshot().values()[0] == 6);
  store.restore(2);
  CHECK(store.snapshot().values()[0] == 7);
}

TEST_CASE("without anything kept a store returns to its start") {
  parameter_store store{0, std::vector{8.0f}, {.eta = 1.0}};
  CHECK_FALSE(store.apply({{0, 1}, 0, true, copy_of(std::vector{1.0f})}));
  store.restore(1);
  CHECK(store.snapshot().values()[0] == 8);
}

TEST_CASE("a commit of the largest moves these alone, and a block handed out stays as it was") {
  double momentum = 0;
  SUBCASE("without momentum") {}
  SUBCASE("with momentum") {
    momentum = 0.5;
  }
  parameter_store store{0,
                        std::vector{1.0f, 1.0f, 1.0f, 1.0f},
                        {.kind = sync::rule_kind::velocity, .eta = 0.5, .momentum = momentum}};
  const auto held = store.snapshot();
  CHECK_FALSE(store.apply({{0, 1}, 0, true, kept_of_four({2, -4}, 1, 3)}));
  CHECK(values_of(store.snapshot()) == std::vector{1.0f, 0.0f, 1.0f, 3.0f});
  CHECK(values_of(held) == std::vector{1.0f, 1.0f, 1.0f, 1.0f});
  CHECK_FALSE(store.apply({{0, 2}, 0, true, kept_of_four({2, 2}, 0, 1)}));
  CHECK(store.snapshot().values()[0] == 0);
  CHECK(store.snapshot().values()[3] == (momentum > 0 ? 4 : 3));
}

TEST_CASE("an encoded commit that is not sound changes nothing") {
  parameter_store store{0, std::vector{1.0f, 1.0f, 1.0f, 1.0f}, {.eta = 1}};
  const auto apply = [&](encoded_block x) { return store.apply({{0, 1}, 0, true, std::move(x)}); };
  CHECK(apply(kept_of_four({1, 1}, 2, 4)) == ec::bad_bytes);
  CHECK(apply(kept_of_four({1, 1}, 2, 2)) == ec::bad_bytes);
  CHECK(apply(kept_of_four({1, 1}, 2, 1)) == ec::bad_bytes);
  CHECK(apply(kept_of_four({1, std::nanf("")}, 1, 2)) == ec::not_finite);
  const auto scaled = [](float scale) {
    return encoded_block{wire_format::int8, 4, 8, copy_of(std::vector{scale, 1e-3f})};
  };
  CHECK(apply(scaled(std::numeric_limits<float>::infinity())) == ec::not_finite);
  CHECK(apply(scaled(-1)) == ec::not_finite);
  const encoded_block halves{wire_format::fp16, 4, 8,
                             copy_of(std::vector{std::bit_cast<float>(0x7c000000u), 0.0f})};
  CHECK(apply(halves) == ec::not_finite);
  CHECK(store.version() == 0);
  CHECK(values_of(store.snapshot()) == std::vector{1.0f, 1.0f, 1.0f, 1.0f});
  CHECK_FALSE(apply(kept_of_four({1, 1}, 1, 2)));
}

TEST_CASE("halves are made once a version and shared") {
  parameter_store store{0, std::vector{1.0f, 1e6f}, {.eta = 1}};
  const auto first = store.fp16_snapshot();
  CHECK(first.format() == wire_format::fp16);
  CHECK(first.fp16_values()[1] == 0x7bff);
  CHECK(store.fp16_snapshot().bytes().data() == first.bytes().data());
  CHECK_FALSE(store.apply(update_of({0, 1}, {1, 0})));
  CHECK(store.fp16_snapshot().fp16_values()[0] == 0);
  CHECK(first.fp16_values()[0] == 0x3c00);
}

TEST_CASE(
    "a round starts from the same parameters for everybody, whatever is committed meanwhile") {
  parameter_store store{0, std::vector{4.0f, 4.0f}, {.eta = 1}};
  store.enter(1);
  CHECK_FALSE(store.apply(update_of({0, 1}, {1, 0})));
  store.enter(1); // who asks late
  CHECK(store.snapshot(1).values()[0] == 4);
  CHECK(store.fp16_snapshot(1).fp16_values()[0] == 0x4400);
  CHECK(store.version(1) == 0);
  CHECK(store.snapshot().values()[0] == 3);
  CHECK(store.fp16_snapshot().fp16_values()[0] == 0x4200);
  CHECK_FALSE(store.apply(update_of({1, 1}, {1, 0})));
  store.enter(2);
  CHECK(store.snapshot(2).values()[0] == 2);
  CHECK(store.version(2) == 2);

  // A round that cannot be next, and one that is over, change nothing: their parameters are the
  // current ones.
  for (std::uint64_t other : {1, 4, 1'000'000}) {
    store.enter(other);
    CHECK_FALSE(store.apply(update_of({0, store.version() + 1}, {1, 0})));
    CHECK(store.snapshot(other) == store.snapshot());
    CHECK(store.snapshot(2).values()[0] == 2);
  }
  store.restore(1);
  CHECK(store.snapshot(2).values()[0] == 4);
}
