// The shard's state without an actor: damped commits.
#include "actors/server/parameter_store.hpp"

#include "sync/damping.hpp"
#include "tests/actors/server/commits.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <random>
#include <vector>

using namespace adsp;
using test::kept_of_four;
using test::update_of;
using test::values_of;

namespace {

push based(std::uint64_t sequence, std::vector<float> values, std::uint64_t base) {
  auto x = update_of({0, sequence}, std::move(values));
  x.base = base;
  return x;
}

} // namespace

TEST_CASE("a damped commit takes back half of what has happened since its base") {
  parameter_store store{0, std::vector{8.0f, 8.0f}, {.kind = sync::rule_kind::damped, .eta = 0.5}};
  // Nothing has happened: W <- W - eta U.
  CHECK_FALSE(store.apply(based(1, {4, 0}, 0)));
  CHECK(values_of(store.snapshot()) == std::vector{6.0f, 8.0f});
  // Its base is the first state: W <- W - eta (U + (W - B) / 2).
  CHECK_FALSE(store.apply(based(2, {4, 4}, 0)));
  CHECK(values_of(store.snapshot()) == std::vector{4.5f, 6.0f});
  // Its base is the present state.
  CHECK_FALSE(store.apply(based(3, {1, 2}, 2)));
  CHECK(values_of(store.snapshot()) == std::vector{4.0f, 5.0f});
  // A version that was never handed out counts as the present one.
  CHECK_FALSE(store.apply(based(4, {2, 2}, 99)));
  CHECK(values_of(store.snapshot()) == std::vector{3.0f, 4.0f});
}

TEST_CASE("every format is damped alike") {
  const auto moved_by = [](encoded_block second) {
    parameter_store store{
        0, std::vector{8.0f, 8.0f, 8.0f, 8.0f}, {.kind = sync::rule_kind::damped, .eta = 0.5}};
    CHECK_FALSE(store.apply(based(1, {4, 4, 4, 4}, 0)));
    CHECK_FALSE(store.apply({{0, 2}, 0, true, std::move(second)}));
    return values_of(store.snapshot());
  };
  const std::vector expected{7.5f, 5.5f, 6.5f, 8.5f};
  CHECK(moved_by(copy_of(std::vector{-2.0f, 2.0f, 0.0f, -4.0f})) == expected);
  std::vector<std::uint16_t> halves{0xc000, 0x4000, 0, 0xc400};
  std::vector<float> storage(2);
  std::memcpy(storage.data(), halves.data(), 8);
  CHECK(moved_by({wire_format::fp16, 4, 8, copy_of(storage)}) == expected);
  CHECK(moved_by(kept_of_four({2, -4}, 1, 3)) == std::vector{6.5f, 5.5f, 6.5f, 8.5f});
}

TEST_CASE("a damped commit that is not finite changes nothing") {
  parameter_store store{0, std::vector{1.0f, 1.0f}, {.kind = sync::rule_kind::damped, .eta = 0.5}};
  CHECK(store.apply(based(1, {1, std::nanf("")}, 0)) == ec::not_finite);
  CHECK(values_of(store.snapshot()) == std::vector{1.0f, 1.0f});
  CHECK(store.version() == 0);
}

TEST_CASE("after a return nothing is damped towards states that were given up") {
  parameter_store store{0, std::vector{8.0f}, {.kind = sync::rule_kind::damped, .eta = 1}};
  CHECK_FALSE(store.apply(based(1, {-64}, 0)));
  store.restore(1);
  auto x = based(2, {2}, 1); // version 1 is one of those
  x.generation = 1;
  CHECK_FALSE(store.apply(x));
  CHECK(values_of(store.snapshot()) == std::vector{6.0f});
}

TEST_CASE("damped commits do not ring, however late they come; published ones do") {
  // Every worker arrives at the optimum, 0, between two commits: U = B.
  constexpr std::size_t workers = 18;
  const auto farthest = [](double eta, bool damped) {
    std::mt19937 random{3};
    parameter_store store{
        0,
        std::vector{1.0f},
        {.kind = damped ? sync::rule_kind::damped : sync::rule_kind::plain, .eta = eta}};
    store.set_rate({1, eta, workers});
    struct copy {
      float base = 1;
      std::uint64_t version = 0;
      std::uint64_t commits = 0;
    };
    std::vector<copy> all(workers);
    float most = 0;
    for (int round = 0; round < 200; ++round) {
      std::ranges::shuffle(all, random);
      for (std::size_t i = 0; i < workers; ++i) {
        auto& x = all[i];
        push commit{{static_cast<worker_id>(i), static_cast<std::uint64_t>(round) + 1},
                    0,
                    true,
                    copy_of(std::vector{x.base})};
        commit.base = x.version;
        CHECK_FALSE(store.apply(commit));
        x = {store.snapshot().values()[0], store.version()};
        if (std::abs(x.base) > 100)
          return x.base;
        if (round >= 100)
          most = std::max(most, std::abs(x.base));
      }
    }
    return most;
  };
  CHECK(farthest(sync::default_rate(workers, true), true) < 1e-3f);
  CHECK(std::abs(farthest(sync::default_rate(workers, true), false)) > 1);
  CHECK(std::abs(farthest(3.0 / workers, false)) > 1);
}
