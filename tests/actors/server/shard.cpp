// The shard actor: what it answers.
#include "actors/server/shard.hpp"
#include "tests/virtual_time.hpp"

#include <utility>
#include <vector>

using namespace adsp;

TEST_CASE("a shard answers commits and pulls, and refuses what is wrong") {
  test::virtual_time world;
  const auto x =
      world.own(world.system.spawn(shard, host{2, copy_of(std::vector{1.0f, 1.0f}), {.eta = 0.5}},
                                   std::shared_ptr<adsp::access>{}));
  const auto update = copy_of(std::vector{2.0f, 0.0f});

  auto answer = world.ask<fresh>(x, push{{0, 1}, 2, true, update});
  REQUIRE(answer);
  CHECK(*answer == fresh{2, 1, copy_of(std::vector{0.0f, 1.0f}), 0});

  SUBCASE("a commit that asks for no block gets the version alone") {
    answer = world.ask<fresh>(x, push{{0, 2}, 2, false, update});
    REQUIRE(answer);
    CHECK(*answer == fresh{2, 2, {}});
  }
  SUBCASE("a repeated commit is answered like the first") {
    CHECK(world.ask<fresh>(x, push{{0, 1}, 2, true, update}) == answer);
  }
  SUBCASE("a pull brings the same block without a copy") {
    auto pulled = world.ask<fresh>(x, pull{2});
    REQUIRE(pulled);
    CHECK(pulled->values.plain().values().data() == answer->values.plain().values().data());
  }
  SUBCASE("errors are answered, and the shard lives on") {
    CHECK_FALSE(world.ask<fresh>(x, pull{1}));
    CHECK(world.error == ec::wrong_shard);
    CHECK_FALSE(world.ask<fresh>(x, push{{0, 2}, 2, true, copy_of(std::vector{1.0f})}));
    CHECK(world.error == ec::wrong_size);
    CHECK(world.ask<fresh>(x, pull{2}) == answer);
  }
}

namespace {

/// A shard that moves once a round, and commits that wait for it.
struct round_fixture {
  using pending = decltype(std::declval<caf::scoped_actor>()->request(
      std::declval<shard_actor>(), caf::infinite, std::declval<push>()));

  pending commit(worker_id who, std::uint64_t sequence, float value, std::uint32_t generation = 0) {
    auto asked = world.self->request(
        x, caf::infinite, push{{who, sequence}, 0, true, copy_of(std::vector{value}), generation});
    world.settle();
    return asked;
  }

  static fresh answer_to(pending& asked) {
    fresh answer;
    asked.receive([&](fresh& got) { answer = std::move(got); },
                  [](const caf::error& why) { FAIL(to_text(why)); });
    return answer;
  }

  bool unanswered() { return world.self->mailbox().empty(); }

  test::virtual_time world;
  shard_actor x = world.own(world.system.spawn(
      shard,
      host{0, copy_of(std::vector{8.0f}), {.kind = sync::rule_kind::nesterov, .step_weight = 0}},
      std::shared_ptr<adsp::access>{}));
};

} // namespace

TEST_CASE_FIXTURE(round_fixture, "with rounds a commit is answered at the end of its round") {
  auto first = commit(0, 1, 4);
  world.advance(2);
  auto second = commit(1, 1, 8);
  CHECK(unanswered());
  CHECK(world.ask<fresh>(x, pull{0})->values.plain() == copy_of(std::vector{8.0f}));
  world.advance(1);
  world.self->send(x, close_round{1});
  world.settle();
  auto answer = fresh{0, 1, copy_of(std::vector{2.0f}), 0, 3};
  CHECK(answer_to(first) == answer);
  answer.held = 1;
  CHECK(answer_to(second) == answer);
}

TEST_CASE_FIXTURE(round_fixture, "who asks again for a commit that waits is answered once") {
  auto first = commit(0, 1, 4);
  world.advance(2);
  auto again = commit(0, 1, 4);
  world.advance(1);
  world.self->send(x, close_round{1});
  world.settle();
  world.advance(5);
  auto late = commit(0, 1, 4); // the answers were lost
  const fresh answer{0, 1, copy_of(std::vector{4.0f}), 0, 3};
  CHECK(answer_to(again) == answer);
  CHECK(answer_to(late) == answer);
  bool timed_out = false; // the first request: its worker asked again because it had given it up
  first.receive([](const fresh&) {},
                [&](const caf::error& why) { timed_out = why == caf::sec::request_timeout; });
  CHECK(timed_out);
}

TEST_CASE_FIXTURE(round_fixture, "a commit whose worker wants no parameters is answered at once") {
  auto first = commit(0, 1, 4);
  const auto answer = world.ask<fresh>(x, push{{0, 1}, 0, false, copy_of(std::vector{4.0f})});
  REQUIRE(answer); // the worker is about to leave
  CHECK(*answer == fresh{0, 0, {}});
  world.self->send(x, close_round{1});
  world.settle();
  CHECK(answer_to(first).version == 1);
}

TEST_CASE_FIXTURE(round_fixture, "orders that come late or again answer nobody") {
  world.self->send(x, close_round{2});
  world.self->send(x, restore{1});
  auto waiting = commit(0, 1, 4, 1);
  world.self->send(x, restore{1});
  world.self->send(x, close_round{1});
  world.self->send(x, close_round{2});
  world.settle();
  CHECK(unanswered());
  world.self->send(x, close_round{3});
  world.settle();
  CHECK(answer_to(waiting).generation == 1);
}

TEST_CASE_FIXTURE(round_fixture, "an update of more steps than any device makes is refused") {
  auto update = push{{0, 1}, 0, true, copy_of(std::vector{4.0f})};
  update.steps = (std::uint64_t{1} << 31U) + 1;
  CHECK_FALSE(world.ask<fresh>(x, update));
  CHECK(world.error == ec::wrong_size);
}

TEST_CASE_FIXTURE(round_fixture, "a shard that returns to an earlier state answers who waits") {
  auto waiting = commit(0, 1, 4);
  world.self->send(x, restore{1});
  world.settle();
  const auto answer = answer_to(waiting);
  CHECK(answer.generation == 1);
  CHECK(answer.values.plain() == copy_of(std::vector{8.0f}));
}
