// The end of a job as a plain machine: its phases one by one.
#include "actors/scheduler/ending.hpp"

#include <doctest/doctest.h>

#include <numeric>
#include <utility>
#include <vector>

using namespace adsp;
using kind = end_action::kind;
using phase = ending::phase;

namespace {

std::vector<end_action> all_of(ending& machine, double now = 0) {
  std::vector<end_action> result;
  while (const auto next = machine.next(now))
    result.push_back(*next);
  return result;
}

ending begun(end_cause cause, ending::remains left, bool averages = false) {
  ending x{2, averages};
  x.begin(std::move(cause), std::move(left));
  return x;
}

const parameter_block block = copy_of(std::vector{1.0f});
const parameter_block other_block = copy_of(std::vector{2.0f});
const std::vector fetch_shards{end_action{kind::fetch_shard, 0}, end_action{kind::fetch_shard, 1}};

} // namespace

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
  x.shard_answered(1, other_block);
  x.shard_answered(7, block);
  CHECK_FALSE(x.concluded());
  x.shard_answered(0, block);
  CHECK(all_of(x) == std::vector{action{kind::conclude}});
  CHECK(x.parameters() == std::vector{block, block});
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
    x.training_evaluated();
    CHECK(all_of(x) == std::vector{end_action{kind::evaluate}});
  }
  SUBCASE("it fails") {
    x.training_evaluation_failed();
    CHECK(all_of(x) == std::vector{end_action{kind::evaluate}});
  }
  SUBCASE("its evaluator is lost") {
    x.evaluator_lost("killed");
    CHECK(all_of(x) == fetch_shards);
    CHECK(x.reason() == end_reason::failed);
    CHECK(x.text() == "the final evaluation has failed: killed");
  }
  SUBCASE("a shard is lost") {
    x.shard_lost("no shard");
    CHECK(all_of(x) == std::vector{end_action{kind::fetch_measured}});
    x.training_evaluated();
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

TEST_CASE("a job that averages saves what was measured last, whatever ends it") {
  const std::vector fetch_measured{end_action{kind::fetch_measured}};
  const bool averages = true;
  SUBCASE("interrupted") {
    auto x = begun({end_reason::interrupted}, {{}, false, true}, averages);
    CHECK(all_of(x) == fetch_measured);
  }
  SUBCASE("failed") {
    auto x = begun({end_reason::failed, "no worker is left"}, {{}, false, true}, averages);
    CHECK(all_of(x) == fetch_measured);
  }
  SUBCASE("evaluated at the end for the first time") {
    auto x = begun({end_reason::max_time}, {{}, false, false}, averages);
    CHECK(all_of(x) == std::vector{end_action{kind::evaluate}});
    CHECK(x.evaluated());
    CHECK(all_of(x) == fetch_measured);
  }
  SUBCASE("nothing has been measured") {
    auto x = begun({end_reason::failed, "no worker is left"}, {{}, false, false}, averages);
    CHECK(all_of(x) == fetch_shards);
  }
  SUBCASE("the states themselves are evaluated") {
    auto x = begun({end_reason::failed, "no worker is left"}, {{}, false, true}, !averages);
    CHECK(all_of(x) == fetch_shards);
  }
  SUBCASE("the final evaluation fails") {
    auto x = begun({end_reason::max_time}, {{}, false, true}, averages);
    CHECK(all_of(x).size() == 1);
    x.evaluation_failed("busy");
    CHECK(all_of(x) == fetch_shards);
    CHECK(x.reason() == end_reason::failed);
    CHECK(x.text() == "the final evaluation has failed: busy");
  }
}

TEST_CASE("an evaluation that succeeds while the workers are asked counts as measured") {
  auto x = begun({end_reason::interrupted}, {{4}, true, false}, true);
  CHECK(all_of(x).size() == 1);
  SUBCASE("it succeeds") {
    x.training_evaluated();
    CHECK(all_of(x).empty());
    x.worker_done(4);
    CHECK(all_of(x) == std::vector{end_action{kind::fetch_measured}});
  }
  SUBCASE("it fails") {
    x.training_evaluation_failed();
    x.worker_done(4);
    CHECK(all_of(x).size() == 2); // the shards
  }
  SUBCASE("it comes too late") {
    x.worker_done(4);
    CHECK(all_of(x).size() == 2);
    x.training_evaluated();
    CHECK(all_of(x).empty());
  }
}

TEST_CASE("the workers are asked for their last counts though a shard is lost meanwhile") {
  std::vector<sync::worker_id> many(roll_call::window + 1);
  std::iota(many.begin(), many.end(), 0);
  auto x = begun({end_reason::max_time}, {many, false, true});
  CHECK(all_of(x).size() == roll_call::window);
  x.shard_lost("no shard");
  CHECK(all_of(x).empty());
  x.worker_done(0);
  CHECK(all_of(x) == std::vector{end_action{kind::ask_worker, roll_call::window}});
  for (const auto who : many)
    x.worker_done(who);
  CHECK(all_of(x) == std::vector{end_action{kind::fetch_measured}});
  CHECK(x.text() == "no shard");
}

TEST_CASE("the first failure says why") {
  auto x = begun({end_reason::max_time}, {{4}, false, false});
  SUBCASE("the evaluator, then a shard") {
    x.evaluator_lost("killed");
    x.evaluator_lost("killed again");
    x.worker_done(4);
    x.shard_lost("no shard");
    CHECK(x.text() == "the final evaluation has failed: killed");
  }
  SUBCASE("a shard, then the evaluator") {
    x.shard_lost("no shard");
    x.evaluator_lost("killed");
    x.worker_done(4);
    CHECK(x.text() == "no shard");
  }
  CHECK(all_of(x) == std::vector{end_action{kind::conclude}});
  CHECK(x.reason() == end_reason::failed);
  CHECK(x.parameters().empty());
}

TEST_CASE("an averaging job takes the shards where the evaluator does not hand its block over") {
  auto x = begun({end_reason::interrupted}, {{}, false, true}, true);
  CHECK(all_of(x) == std::vector{end_action{kind::fetch_measured}});
  SUBCASE("measured") {
    x.measured_answered(block);
    CHECK(x.parameters() == std::vector{block});
    CHECK(x.text().empty());
  }
  SUBCASE("nothing") {
    x.measured_answered({});
    CHECK(all_of(x) == fetch_shards);
  }
  SUBCASE("the evaluator is lost") {
    x.evaluator_lost("killed");
    CHECK(all_of(x) == fetch_shards);
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
    x.measured_answered(other_block);
    CHECK(x.parameters() == std::vector{other_block});
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
  const auto first = x.awaited(10 + ending::quiet_wait - 5e-4); // a timer that is early
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

TEST_CASE("the moment after which somebody is named counts from the first question of a phase") {
  std::vector<sync::worker_id> many(roll_call::window + 1);
  std::iota(many.begin(), many.end(), 0);
  auto x = begun({end_reason::max_time}, {many, false, false});
  all_of(x, 10);
  CHECK(x.tell_at() == 10 + ending::quiet_wait);
  x.worker_done(0);
  CHECK(all_of(x, 12).size() == 1);
  CHECK(x.tell_at() == 10 + ending::quiet_wait);
  for (const auto who : many)
    x.worker_done(who);
  all_of(x, 20);
  CHECK(x.at() == phase::evaluating);
  CHECK_FALSE(x.awaited(1e6)); // nobody is named for it
  x.evaluated();
  CHECK(x.next(30));
  CHECK(x.next(31));
  CHECK(x.tell_at() == 30 + ending::quiet_wait);
}

TEST_CASE("an evaluator that is lost during the last evaluation is not waited for") {
  auto x = begun({end_reason::max_time}, {{}, false, true}, true);
  CHECK(all_of(x) == std::vector{end_action{kind::evaluate}});
  x.evaluator_lost("killed");
  CHECK(all_of(x) == fetch_shards);
  CHECK(x.text() == "the final evaluation has failed: killed");
}

TEST_CASE("an evaluator that was lost before the end is not waited for") {
  ending x{2, false};
  x.evaluator_lost("killed");
  x.begin({end_reason::max_time}, {{}, true, false});
  CHECK(all_of(x) == fetch_shards);
  CHECK(x.text() == "the final evaluation has failed: killed");
}

TEST_CASE("a shard that was lost before the end fails the job, and is not asked") {
  ending x{2, false};
  x.shard_lost("no shard");
  x.shard_lost("another one");
  x.begin({end_reason::max_time}, {{}, false, true});
  CHECK(all_of(x) == std::vector{end_action{kind::fetch_measured}});
  CHECK(x.reason() == end_reason::failed);
  CHECK(x.text() == "no shard");
}

TEST_CASE("an end without shards has no parameters to wait for") {
  ending x;
  x.begin({end_reason::interrupted}, {});
  CHECK(all_of(x) == std::vector{end_action{kind::conclude}});
}
