// The end of a job as a plain machine: its promises over rough networks, and its phases one by one.
#include "tests/actors/scheduler/fake_end.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace adsp;
using kind = end_action::kind;
using phase = ending::phase;

namespace {

constexpr unsigned seeds = 600;

std::vector<end_action> all_of(ending& machine, double now = 0) {
  std::vector<end_action> result;
  while (const auto next = machine.next(now))
    result.push_back(*next);
  return result;
}

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
  test::fake_end x{workers, 1 + seed % 3, seed % 2 == 0, weather, seed};
  x.end_at(1 + x.uniform(), cause_of(seed), x.uniform() < 0.5, x.uniform() < 0.7);
  return x;
}

ending begun(end_cause cause, ending::remains left, bool averages = false) {
  ending x{2, averages};
  x.begin(std::move(cause), std::move(left));
  return x;
}

const parameter_block block = copy_of(std::vector{1.0f});

} // namespace

TEST_CASE("an end keeps its promises over any network, whoever dies when") {
  for (unsigned seed = 0; seed < seeds; ++seed) {
    CAPTURE(seed);
    auto x = end_of(seed, {{0.5, 0.2, seed % 3 == 0 ? 0.2 : 0.0}, seed % 2 == 0 ? 0.3 : 0.05});
    x.run();
    CHECK(x.broken == "");
    CHECK(x.conclusions == 1);
  }
}

TEST_CASE("an end waits for nobody who is lost") {
  for (unsigned seed = 0; seed < seeds; ++seed) {
    CAPTURE(seed);
    test::rough_weather weather;
    double latest = 5;
    SUBCASE("the living answer, and half of the others die before they do") {
      weather = {{0.5, 0, 0}, 0.5};
      latest = 5 + 4 * 0.5 + 100.0 / roll_call::window * 0.5; // a phase takes one delay
    }
    SUBCASE("nobody ever answers, and everybody dies") {
      weather = {{0.5, 0, 1}, 1};
    }
    auto x = end_of(seed, weather);
    x.run();
    CHECK(x.broken == "");
    REQUIRE(x.conclusions == 1);
    CHECK(x.concluded_at <= latest);
  }
}

TEST_CASE("where nobody dies and every answer comes the model is complete, and kept to its kind") {
  for (unsigned seed = 0; seed < seeds; ++seed) {
    CAPTURE(seed);
    auto x = end_of(seed, {{0.5, 0.2, 0}, 0});
    x.run();
    CHECK(x.broken == "");
    REQUIRE(x.conclusions == 1);
    CHECK_FALSE(x.machine.parameters().empty());
    CHECK(x.machine.reason() == cause_of(seed).reason);
    CHECK(x.machine.text() == cause_of(seed).text);
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

TEST_CASE("a job that has reached its target is evaluated once more and its shards are fetched") {
  auto x = begun({end_reason::target_reached}, {{4, 6}, false, true});
  using action = end_action;
  CHECK(all_of(x) == std::vector{action{kind::ask_worker, 4}, action{kind::ask_worker, 6}});
  x.worker_done(6);
  CHECK(all_of(x).empty());
  x.worker_done(4);
  CHECK(all_of(x) == std::vector{action{kind::evaluate}});
  CHECK(x.evaluated());
  CHECK_FALSE(x.evaluated());
  CHECK(all_of(x) == std::vector{action{kind::fetch_shard, 0}, action{kind::fetch_shard, 1}});
  x.shard_answered(1, block);
  x.shard_answered(1, block);
  x.shard_answered(7, block);
  CHECK_FALSE(x.concluded());
  x.shard_answered(0, block);
  CHECK(all_of(x) == std::vector{action{kind::conclude}});
  CHECK(x.parameters().size() == 2);
  x.begin({end_reason::failed, "too late"}, {});
  x.shard_lost("too late");
  CHECK(all_of(x).empty());
  CHECK(x.reason() == end_reason::target_reached);
}

TEST_CASE("the last evaluation waits for that of the training, however that ends") {
  auto x = begun({end_reason::max_time}, {{}, true, false});
  CHECK(all_of(x).empty());
  CHECK(x.at() == phase::awaiting_evaluation);
  CHECK_FALSE(x.evaluated());
  SUBCASE("it comes") {
    x.training_evaluation_over();
    CHECK(all_of(x) == std::vector{end_action{kind::evaluate}});
  }
  SUBCASE("its evaluator is lost") {
    x.evaluator_lost("killed");
    CHECK(all_of(x).front().what == kind::fetch_shard);
    CHECK(x.reason() == end_reason::failed);
    CHECK(x.text() == "the final evaluation has failed: killed");
  }
  SUBCASE("a shard is lost") {
    x.shard_lost("no shard");
    CHECK(all_of(x) == std::vector{end_action{kind::fetch_measured}});
    x.training_evaluation_over();
    CHECK(all_of(x).empty());
  }
}

TEST_CASE("a job that diverged returns to its last good state before it is evaluated") {
  auto x = begun({end_reason::failed, "diverged", true}, {});
  CHECK(all_of(x) == std::vector{end_action{kind::restore}, end_action{kind::evaluate}});
  x.evaluation_failed("busy");
  CHECK(x.text() == "diverged");
  CHECK(all_of(x).size() == 2);
}

TEST_CASE(
    "a job that averages takes what was measured last, and the shards where that is nothing") {
  auto x = begun({end_reason::interrupted}, {{}, false, true}, true);
  CHECK(all_of(x) == std::vector{end_action{kind::fetch_measured}});
  SUBCASE("measured") {
    x.measured_answered(block);
    CHECK(x.parameters() == std::vector{block});
    CHECK(x.text().empty());
  }
  SUBCASE("nothing") {
    x.measured_answered({});
    CHECK(all_of(x).front().what == kind::fetch_shard);
  }
  SUBCASE("the evaluator is lost") {
    x.evaluator_lost("killed");
    CHECK(all_of(x).front().what == kind::fetch_shard);
  }
  SUBCASE("a shard is lost meanwhile") {
    x.shard_lost("no shard");
    CHECK(all_of(x).empty()); // asked already
    x.measured_answered(block);
    CHECK(x.text() == "no shard; the model is the one measured last");
  }
}

TEST_CASE("a shard that is lost while the parameters are fetched leaves what was measured last") {
  auto x = begun({end_reason::interrupted}, {});
  CHECK(all_of(x).size() == 2);
  x.shard_answered(0, block);
  x.shard_lost("no shard");
  x.shard_lost("another one");
  x.shard_answered(1, block);
  CHECK(all_of(x) == std::vector{end_action{kind::fetch_measured}});
  SUBCASE("something") {
    x.measured_answered(copy_of(std::vector{2.0f}));
    CHECK(x.parameters() == std::vector{copy_of(std::vector{2.0f})});
  }
  SUBCASE("nothing") {
    x.measured_answered({});
    CHECK(x.parameters().empty());
  }
  SUBCASE("and the evaluator is lost too") {
    x.evaluator_lost("killed");
    CHECK(x.parameters().empty());
  }
  CHECK(all_of(x) == std::vector{end_action{kind::conclude}});
  CHECK(x.text().starts_with("no shard"));
}

TEST_CASE("who keeps an end waiting is named after a moment, once a phase") {
  auto x = begun({end_reason::interrupted}, {{3, 8}, false, false});
  CHECK_FALSE(x.awaited(1e6)); // nobody has been asked yet
  all_of(x, 10);
  x.worker_done(3);
  CHECK_FALSE(x.awaited(10 + ending::quiet_wait / 2));
  const auto first = x.awaited(10 + ending::quiet_wait);
  REQUIRE(first);
  CHECK(first->workers == 1);
  CHECK(first->first_worker == 8);
  CHECK_FALSE(x.awaited(20));
  x.worker_done(8);
  all_of(x, 20);
  x.shard_answered(1, block);
  const auto second = x.awaited(20 + ending::quiet_wait);
  REQUIRE(second);
  CHECK(second->workers == 0);
  CHECK(second->shards == 1);
}
