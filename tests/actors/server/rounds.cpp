// A shard that moves once a round: the arithmetic, what it holds on to, and what it answers when.
#include "actors/server/commit_applier.hpp"
#include "actors/server/parameter_store.hpp"
#include "tests/actors/server/commits.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

using namespace adsp;
using test::kept_of_four;
using test::values_of;

namespace {

constexpr sync::commit_rule by_steps{.kind = sync::rule_kind::scheduled_nesterov,
                                     .eta = 1,
                                     .momentum = 0.5,
                                     .step_weight = 1,
                                     .count = 9};
constexpr sync::commit_rule equal{.kind = sync::rule_kind::nesterov, .eta = 0.5, .step_weight = 0};

push update(worker_id who, std::uint64_t sequence, encoded_block values, std::uint64_t steps) {
  push x{.id = {who, sequence}, .shard = 0, .update = std::move(values)};
  x.steps = steps;
  return x;
}

push update(worker_id who, std::uint64_t sequence, const std::vector<float>& values,
            std::uint64_t steps = 1) {
  return update(who, sequence, encoded_block{copy_of(values)}, steps);
}

bool applied(parameter_store& store, const push& commit) {
  return store.apply(commit) == caf::error{};
}

} // namespace

TEST_CASE("a round is one step of Nesterov's momentum by the mean, weighted by steps") {
  parameter_store store{0, std::vector{8.0f, 8.0f}, by_steps};
  CHECK(applied(store, update(0, 1, {4, 0}, 3)));
  CHECK(applied(store, update(1, 1, {0, 8}, 1)));
  CHECK(values_of(store.snapshot()) == std::vector{8.0f, 8.0f}); // not yet
  CHECK(store.version() == 0);
  store.close(1);
  // V = g = (3, 2), W = 8 - g: the first step has no momentum.
  CHECK(values_of(store.snapshot()) == std::vector{5.0f, 6.0f});
  CHECK(store.version() == 1);
  CHECK(applied(store, update(0, 2, {2, 2}, 4))); // as many steps as in the first round
  store.close(2);
  // beta = 1/4: V = (0.75, 0.5) + g, W = W - (g + V / 4)
  CHECK(values_of(store.snapshot()) == std::vector{2.3125f, 3.375f});
}

TEST_CASE("the momentum grows by Nesterov's schedule, up to the one that is set") {
  parameter_store store{0, std::vector{0.0f}, by_steps};
  double w = 0;
  double v = 0;
  for (std::uint64_t k = 1; k <= 10; ++k) {
    CHECK(applied(store, update(0, k, {1})));
    store.close(k);
    const auto now = static_cast<double>(k);
    const double beta = k >= 4 ? 0.5 : (now - 1) / (now + 2);
    v = beta * v + 1;
    w -= 1 + beta * v;
    CHECK(values_of(store.snapshot())[0] == doctest::Approx(w));
  }
}

TEST_CASE("a round of few updates moves less, one of many by their mean") {
  auto rule = by_steps;
  rule.momentum = 0;
  parameter_store store{0, std::vector{100.0f}, rule};
  std::uint64_t sequence = 0;
  std::uint64_t round = 0;
  const auto moves = [&](std::uint32_t updates) {
    const auto before = values_of(store.snapshot())[0];
    ++sequence;
    for (worker_id who = 0; who < updates; ++who)
      CHECK(applied(store, update(who, sequence, {4})));
    store.close(++round);
    return before - values_of(store.snapshot())[0];
  };
  CHECK(moves(4) == doctest::Approx(4));
  CHECK(moves(1) == doctest::Approx(4 / 2.5));     // 2.5 are usual by now
  CHECK(moves(7) == doctest::Approx(4));           // 4 are
  CHECK(moves(2) == doctest::Approx(2 * 4 / 3.5)); // 3.5
  for (int i = 0; i < 300; ++i)
    moves(1);
  CHECK(moves(1) == doctest::Approx(4).epsilon(0.01)); // it has become usual
}

TEST_CASE("few workers have little momentum, one has none") {
  for (const auto& each : std::vector<std::pair<std::uint32_t, double>>{
           {1, 0}, {2, 0.5}, {3, 5.0 / 6}, {4, 0.9}, {100, 0.9}}) {
    const auto workers = each.first;
    const auto beta = each.second;
    CAPTURE(workers);
    auto rule = by_steps;
    rule.momentum = 0.9;
    rule.count = 2;
    parameter_store store{0, std::vector{0.0f}, rule};
    store.set_rate({1, 1, workers});
    // Long after the start, from rest: by an update alone W moves by 1 + beta, then by beta^2.
    for (std::uint64_t k = 1; k <= 400; ++k) {
      CHECK(applied(store, update(0, k, {0})));
      store.close(k);
    }
    CHECK(applied(store, update(0, 401, {-1})));
    store.close(401);
    CHECK(values_of(store.snapshot())[0] == doctest::Approx(1 + beta));
    CHECK(applied(store, update(0, 402, {0})));
    store.close(402);
    CHECK(values_of(store.snapshot())[0] == doctest::Approx(1 + beta + beta * beta));
  }
}

TEST_CASE("with equal weights an update of many steps counts as one of few") {
  parameter_store store{0, std::vector{8.0f}, equal};
  CHECK(applied(store, update(0, 1, {4}, 100)));
  CHECK(applied(store, update(1, 1, {8}, 1)));
  store.close(1);
  CHECK(values_of(store.snapshot()) == std::vector{5.0f});
}

TEST_CASE("the weights of a round sum up to one, whatever the steps") {
  for (const double p : {0.0, 0.5, 1.0, 2.0}) {
    auto rule = by_steps;
    rule.momentum = 0;
    rule.step_weight = p;
    parameter_store store{0, std::vector{8.0f}, rule};
    for (worker_id who = 0; who < 7; ++who)
      CHECK(applied(store, update(who, 1, {4}, 1 + 13 * who)));
    store.close(1);
    CHECK(values_of(store.snapshot())[0] == doctest::Approx(4));
  }
}

TEST_CASE("updates of every format are collected alike") {
  parameter_store store{0, std::vector(4, 8.0f), equal};
  CHECK(applied(store, update(0, 1, kept_of_four({2, 4}, 1, 3), 1)));
  CHECK(applied(store, update(1, 1, {2, 2, 2, 2})));
  store.close(1);
  CHECK(values_of(store.snapshot()) == std::vector{7.5f, 7.0f, 7.5f, 6.5f});
}

TEST_CASE("a round without commits moves nothing, nor does one that is closed already") {
  parameter_store store{0, std::vector{8.0f}, by_steps};
  store.close(1);
  CHECK(applied(store, update(0, 1, {4})));
  store.close(1);
  CHECK(values_of(store.snapshot()) == std::vector{8.0f});
  store.close(3); // the order to close the second came late, or never
  const auto moved = values_of(store.snapshot());
  CHECK(moved == std::vector{4.0f});
  store.close(2);
  CHECK(values_of(store.snapshot()) == moved);
  CHECK(store.version() == 1); // no decay of the velocity either
}

TEST_CASE("a commit that waits is there once, however often it comes") {
  parameter_store store{0, std::vector{8.0f}, equal};
  const auto first = update(0, 1, {4});
  for (int i = 0; i < 3; ++i)
    CHECK(applied(store, first));
  CHECK(store.holds_commit_of(0));
  CHECK_FALSE(store.holds_commit_of(1));
  CHECK(applied(store, update(1, 1, {8})));
  store.close(1);
  CHECK_FALSE(store.holds_commit_of(0));
  CHECK(values_of(store.snapshot()) == std::vector{5.0f});
  CHECK(applied(store, first));
  store.close(2);
  CHECK(values_of(store.snapshot()) == std::vector{5.0f});
}

TEST_CASE("an update that is not finite leaves the round as it was") {
  parameter_store store{0, std::vector{8.0f, 8.0f}, equal};
  CHECK(applied(store, update(0, 1, {4, 4})));
  CHECK(store.apply(update(1, 1, {1, std::nanf("")})) == ec::not_finite);
  CHECK_FALSE(store.holds_commit_of(1));
  store.close(1);
  CHECK(values_of(store.snapshot()) == std::vector{6.0f, 6.0f});
}

TEST_CASE("a return to an earlier state forgets the round and the velocity") {
  parameter_store store{0, std::vector{8.0f}, by_steps};
  CHECK(applied(store, update(0, 1, {4})));
  store.close(1);
  CHECK(applied(store, update(0, 2, {4})));
  store.restore(1);
  CHECK_FALSE(store.holds_commit_of(0));
  store.close(2);
  CHECK(values_of(store.snapshot()) == std::vector{8.0f});
  auto late = update(1, 1, {4}); // of the generation before
  CHECK(applied(store, late));
  CHECK_FALSE(store.holds_commit_of(1));
  late.generation = 1;
  CHECK(applied(store, late));
  store.close(3);
  CHECK(values_of(store.snapshot()) == std::vector{4.0f}); // as in the first round
}

TEST_CASE("blocks that were handed out stay as they were") {
  parameter_store store{0, std::vector{8.0f}, equal};
  const auto before = store.snapshot();
  CHECK(applied(store, update(0, 1, {4})));
  store.close(1);
  CHECK(values_of(before) == std::vector{8.0f});
}

TEST_CASE("a round goes on where it was saved") {
  auto first = make_applier(by_steps, 1);
  const encoded_block four{copy_of(std::vector{4.0f})};
  const std::vector from{8.0f};
  std::vector to{0.0f};
  for (int i = 0; i < 2; ++i) {
    CHECK(first->apply({.update = four, .steps = 3}));
    first->close(1, from, to);
  }
  CHECK(first->apply({.update = four, .steps = 2}));
  const auto kept = first->save();
  auto second = make_applier(by_steps, 1);
  REQUIRE(second->load(kept));
  CHECK_FALSE(second->load({kept.blocks, {}}));
  const encoded_block one{copy_of(std::vector{1.0f})};
  std::vector<std::vector<float>> moved;
  for (auto* each : {first.get(), second.get()}) {
    CHECK(each->apply({.update = one, .steps = 1}));
    each->close(1, from, to);
    moved.push_back(to);
  }
  CHECK(moved[0] == moved[1]);
}
