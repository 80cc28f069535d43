// The rules of a server of other authors: each against its formula, by hand or beside another rule.
#include "actors/server/commit_applier.hpp"
#include "actors/server/parameter_store.hpp"
#include "learning/random.hpp"
#include "tests/actors/server/commits.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

using namespace adsp;
using test::values_of;

namespace {

/// A shard under a rule, moved by commits and rounds.
struct moved_shard {
  explicit moved_shard(const sync::commit_rule& chosen, std::vector<float> start)
      : rule{chosen}, store{0, start, chosen} {}

  void by(const std::vector<float>& update, std::uint64_t base) {
    push x{.id = {0, ++sequence}, .shard = 0, .update = encoded_block{copy_of(update)}};
    x.base = base;
    CHECK(store.apply(x) == caf::error{});
  }
  void by(const std::vector<float>& update) { by(update, store.version()); }
  void close() { store.close(++round); }
  std::vector<float> now() const { return values_of(store.snapshot()); }

  sync::commit_rule rule;
  parameter_store store;
  std::uint64_t sequence = 0;
  std::uint64_t round = 0;
};

void check_near(const std::vector<float>& found, const std::vector<double>& expected) {
  REQUIRE(found.size() == expected.size());
  for (std::size_t i = 0; i < found.size(); ++i)
    CHECK(found[i] == doctest::Approx(expected[i]));
}

} // namespace

TEST_CASE("delayed Nesterov: N commits move as far as one step of Nesterov by their mean") {
  learning::generator random{7, "updates"};
  for (const std::uint32_t n : {1U, 2U, 5U}) {
    CAPTURE(n);
    moved_shard delayed{
        {.kind = sync::rule_kind::delayed_nesterov, .eta = 0.7, .momentum = 0.9, .count = n},
        {8, 8}};
    moved_shard whole{
        {.kind = sync::rule_kind::nesterov, .eta = 0.7, .momentum = 0.9, .step_weight = 0}, {8, 8}};
    for (int round = 0; round < 12; ++round) {
      for (std::uint32_t i = 0; i < n; ++i) {
        const std::vector update{static_cast<float>(random.normal()),
                                 static_cast<float>(random.normal())};
        delayed.by(update);
        whole.by(update);
      }
      whole.close();
      const auto expected = whole.now();
      check_near(delayed.now(), {expected[0], expected[1]});
    }
  }
}

TEST_CASE("delayed Nesterov: between two of its steps a commit counts for its N-th") {
  moved_shard x{
      {.kind = sync::rule_kind::delayed_nesterov, .eta = 0.5, .momentum = 0.5, .count = 2}, {8}};
  x.by({4});
  CHECK(x.now() == std::vector{7.0f}); // 8 - 4 / 2 / 2
  x.by({4});
  CHECK(x.now() == std::vector{5.0f}); // V = 4, 7 - (4 / 2 + 4 / 2) / 2
}

TEST_CASE("HeLoCo: an update is kept, turned or shortened by its angle to the momentum") {
  // One worker, so that rho = 1; eta = 1, mu = 1/2: V <- V / 2 + G / 2, W <- W - (G + V / 2).
  const sync::commit_rule rule{.kind = sync::rule_kind::look_ahead, .eta = 1, .momentum = 0.5};
  moved_shard x{rule, {0, 0}};
  x.by({2, 0}); // no momentum yet: G = U, V = (1, 0)
  check_near(x.now(), {-2.5, 0});
  SUBCASE("along it: kept") {
    x.by({1, 0}); // V = (1, 0)
    check_near(x.now(), {-2.5 - 1.5, 0});
  }
  SUBCASE("against it: a part of that is taken back") {
    // cos = -1, 3 / (3 + 3 * 1) = 1/2 of 1/2 of it: G = -3 + 0.75; V = 1/2 - 2.25/2
    x.by({-3, 0});
    check_near(x.now(), {-2.5 + 2.25 + 0.3125, 0});
  }
  SUBCASE("across it: turned towards it, as long as before") {
    const double part = 3 / std::sqrt(2.0);
    x.by({0, 3});
    check_near(x.now(), {-2.5 - part - (1 + part) / 4, -part - part / 4});
  }
}

TEST_CASE("HeLoCo: workers go on from ahead of the parameters, and more workers move it less") {
  moved_shard x{{.kind = sync::rule_kind::look_ahead, .eta = 1, .momentum = 0.5, .count = 4}, {0}};
  x.by({4}); // rho = 1/2: G = 2, V = 1
  check_near(x.now(), {-2.5});
  check_near(values_of(x.store.answer(false).plain()), {-3}); // W - V / 2
  CHECK(x.store.answer(true).format() == wire_format::fp16);
  check_near(x.now(), {-2.5});
}

TEST_CASE("FedBuff: a step after K commits, those that are late counting less") {
  moved_shard x{{.kind = sync::rule_kind::buffered, .eta = 0.5, .momentum = 0.5, .count = 2}, {8}};
  x.by({4}, 0);
  CHECK(x.now() == std::vector{8.0f});
  CHECK(x.store.version() == 0);
  CHECK_FALSE(x.store.holds_commit_of(0)); // answered at once
  x.by({4}, 0);
  CHECK(x.now() == std::vector{6.0f}); // V = 4
  CHECK(x.store.version() == 1);
  for (int i = 0; i < 4; ++i) { // three steps late at most
    x.by({4}, 0);
    x.by({4}, 0);
  }
  double v = 4;
  double w = 6;
  for (const double late : {1, 2, 3, 4}) {
    v = v / 2 + 4 / std::sqrt(1 + late);
    w -= v / 2;
  }
  check_near(x.now(), {w});
}

TEST_CASE("Rennala: a step by the mean of B gradients of the present parameters, no others") {
  moved_shard x{{.kind = sync::rule_kind::rennala, .eta = 0.5, .count = 2}, {8}};
  x.by({4}, 0);
  CHECK(x.now() == std::vector{8.0f});
  x.by({8}, 0);
  CHECK(x.now() == std::vector{5.0f});
  x.by({100}, 0); // of the parameters before
  x.by({2}, 1);
  CHECK(x.now() == std::vector{5.0f});
  x.by({2}, 1);
  CHECK(x.now() == std::vector{4.0f});
  CHECK(x.store.version() == 2);
}

TEST_CASE("Adam and Yogi: one step by the mean of a round, from S = floor squared") {
  sync::commit_rule rule{.kind = sync::rule_kind::adam,
                         .eta = 2,
                         .momentum = 0.5,
                         .step_weight = 0,
                         .beta2 = 0.5,
                         .floor = 1};
  double s = 0.5 * 1 + 0.5 * 4;
  SUBCASE("Adam") {}
  SUBCASE("Yogi") {
    rule.kind = sync::rule_kind::yogi;
    s = 1 + 0.5 * 4;
  }
  moved_shard x{rule, {8}};
  x.by({1});
  x.by({3});
  x.close(); // g = 2, V = 1
  check_near(x.now(), {8 - 2 * 1 / (std::sqrt(s) + 1)});
}

TEST_CASE("Yogi: its mean of squares falls by at most the last square") {
  sync::commit_rule rule{.kind = sync::rule_kind::yogi, .eta = 1, .momentum = 0, .step_weight = 0};
  rule.floor = 1;
  rule.beta2 = 0.5;
  moved_shard x{rule, {0}};
  x.by({10});
  x.close(); // S = 1 + 50
  x.by({2});
  x.close(); // S = 51 - 2
  check_near(x.now(), {-10 / (std::sqrt(51.0) + 1) - 2 / (std::sqrt(49.0) + 1)});
}

TEST_CASE("every rule goes on where it was saved, and keeps its state from updates not finite") {
  for (const auto kind :
       {sync::rule_kind::velocity, sync::rule_kind::delayed_nesterov, sync::rule_kind::look_ahead,
        sync::rule_kind::buffered, sync::rule_kind::rennala, sync::rule_kind::nesterov,
        sync::rule_kind::scheduled_nesterov, sync::rule_kind::adam, sync::rule_kind::yogi}) {
    CAPTURE(static_cast<int>(kind));
    const sync::commit_rule rule{.kind = kind, .eta = 0.5, .momentum = 0.5, .count = 3};
    const encoded_block update{copy_of(std::vector{4.0f, -1.0f})};
    const encoded_block bad{copy_of(std::vector{4.0f, std::nanf("")})};
    std::vector from{8.0f, 8.0f};
    std::vector to{0.0f, 0.0f};
    const auto commit = [&](commit_applier& each) {
      const bool finite = each.apply({.update = update, .eta = 0.5F, .from = from, .to = to});
      if (each.collects() && (each.full() || sync::moves_by_round(kind)))
        each.close(0.5F, from, to);
      return finite;
    };
    const auto first = make_applier(rule, 2);
    for (int i = 0; i < 4; ++i)
      CHECK(commit(*first));
    const auto kept = first->save();
    CHECK_FALSE(first->apply({.update = bad, .eta = 0.5F, .from = from, .to = to}));
    CHECK(first->save() == kept);
    const auto second = make_applier(rule, 2);
    CHECK(second->load(kept));
    CHECK_FALSE(make_applier(rule, 3)->load(kept));
    std::vector<std::vector<float>> ends;
    for (auto* each : {first.get(), second.get()}) {
      for (int i = 0; i < 5; ++i)
        CHECK(commit(*each));
      ends.push_back(to);
    }
    CHECK(ends[0] == ends[1]);
    first->reset();
    CHECK(first->save() == make_applier(rule, 2)->save());
  }
}

TEST_CASE(
    "behind a barrier commits are answered at once, and the next round's pull ends the last") {
  moved_shard x{{.kind = sync::rule_kind::nesterov,
                 .eta = 1,
                 .momentum = 0,
                 .step_weight = 0,
                 .barrier = true},
                {8}};
  x.store.enter(1);
  push bare{
      .id = {0, 1}, .shard = 0, .pull = false, .update = encoded_block{copy_of(std::vector{4.0f})}};
  CHECK(x.store.apply(bare) == caf::error{});
  CHECK_FALSE(x.store.holds_commit_of(0));
  bare.id.worker = 1;
  CHECK(x.store.apply(bare) == caf::error{});
  x.store.enter(1); // somebody's late pull
  CHECK(x.now() == std::vector{8.0f});
  x.store.enter(2);
  CHECK(values_of(x.store.snapshot(2)) == std::vector{4.0f});
}

TEST_CASE("without a barrier a pull ends no round, whatever round it names") {
  moved_shard x{{.kind = sync::rule_kind::nesterov, .momentum = 0, .step_weight = 0}, {8}};
  const push commit{.id = {0, 1}, .update = encoded_block{copy_of(std::vector{4.0f})}};
  CHECK(x.store.apply(commit) == caf::error{});
  for (std::uint64_t round = 1; round < 5; ++round)
    CHECK_FALSE(x.store.enter(round));
  CHECK(x.now() == std::vector{8.0f});
  CHECK(x.store.holds_commit_of(0));
  CHECK(x.store.close(1));
  CHECK(x.now() == std::vector{4.0f});
}
