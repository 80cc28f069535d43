// Updates and parameters that are void: not finite, refused, or of an earlier generation.
#include "actors/worker/exchange.hpp"
#include "tests/actors/worker/lone_exchange.hpp"

#include <doctest/doctest.h>

#include <limits>

using namespace adsp;
using test::every_style;
using test::lone_exchange;

TEST_CASE("a worker gives up after several updates in a row that are not finite") {
  lone_exchange x;
  x.pull();
  for (int i = 0; i < 3; ++i)
    CHECK(x.fail_and_recover());
  SUBCASE("at the fourth") {
    CHECK_FALSE(x.fail_and_recover());
    CHECK_FALSE(x.current.under_way());
  }
  SUBCASE("a commit that counts ends the row") {
    x.commit(commit_style::fetching);
    for (int i = 0; i < 3; ++i)
      CHECK(x.fail_and_recover());
    CHECK_FALSE(x.fail_and_recover());
  }
  SUBCASE("a commit that is void does not") {
    REQUIRE(x.current.begin_commit(commit_style::fetching, 1));
    CHECK(x.answer_both(0, 1) == outcome::voided);
    CHECK_FALSE(x.fail_and_recover());
  }
  SUBCASE("a recovery for another reason is not part of the row") {
    x.current.expect(1);
    REQUIRE(x.current.begin_recovery(0));
    CHECK(x.answer_both(0, 1) == outcome::recovered);
    x.current.expect(2);
    CHECK(x.current.begin_recovery(0));
  }
}

TEST_CASE("without recovery an update that is not finite leaves nothing due") {
  lone_exchange x{{.attempts = 3, .fp16_pull = false, .recovers = false}};
  x.pull();
  x.copy.parameters()[5] = std::numeric_limits<float>::infinity();
  CHECK_FALSE(x.current.begin_commit(commit_style::fetching, 1));
  CHECK_FALSE(x.current.under_way());
  CHECK_FALSE(x.current.must_recover());
  CHECK(x.current.push_to(0).update.empty()); // though its own part was finite
  CHECK(x.current.bytes() == 24);
  CHECK(x.current.steps_committed() == 0);
}

TEST_CASE("the generation never decreases, whoever names an earlier one") {
  lone_exchange x;
  x.pull(0, 3);
  CHECK(x.current.generation() == 3);
  x.current.expect(2);
  CHECK_FALSE(x.current.must_recover());
  x.current.expect(4);
  x.current.expect(1);
  CHECK(x.current.must_recover());
  REQUIRE(x.current.begin_recovery(0));
  CHECK_FALSE(x.current.must_recover()); // it is under way
  const auto asked = x.current.ask(0);
  CHECK(x.current.answered(asked, x.block(0, 7, 9, 2)) == reaction::wait);
  CHECK(x.copy.parameters()[0] == 0);
  CHECK(x.current.push_to(0).base == 1);
  CHECK(x.current.answered(asked, x.block(0, 1, 9, 4)) == reaction::wait);
  CHECK(x.current.answered(x.current.ask(1), x.block(1, 1, 9, 3)) == reaction::complete);
  CHECK(x.current.finish() == outcome::recovered);
  CHECK(x.current.generation() == 3); // the second shard is yet to return
  CHECK(x.current.must_recover());
}

TEST_CASE("a bare commit that meets a later generation is void, and a recovery brings its block") {
  lone_exchange x;
  x.pull();
  REQUIRE(x.current.begin_commit(commit_style::bare, 1));
  for (shard_id shard = 0; shard < 2; ++shard)
    x.current.answered(x.current.ask(shard), {shard, 1, {}, 1});
  CHECK(x.current.finish() == outcome::voided);
  CHECK(x.current.generation() == 0);
  CHECK(x.current.must_recover());
}

TEST_CASE("an update that a shard refuses is void, and the worker recovers if it may") {
  for (const bool recovers : {false, true})
    for (const auto style : every_style) {
      lone_exchange x{{.attempts = 3, .fp16_pull = false, .recovers = recovers}};
      x.pull();
      REQUIRE(x.current.begin_commit(style, 1));
      const auto first = x.current.ask(0);
      CHECK(x.current.answered(first, x.applied(style, 0, 1, 1)) == reaction::wait);
      const auto refused = x.current.failed(x.current.ask(1), failure::not_finite);
      CHECK(refused == (recovers ? reaction::complete : reaction::give_up));
      if (!recovers)
        continue;
      CHECK(x.current.finish() == outcome::voided);
      CHECK(x.current.must_recover());
    }
}

TEST_CASE("an overlapped commit that a shard refuses leaves the local copy as it is") {
  lone_exchange x;
  x.pull();
  REQUIRE(x.current.begin_commit(commit_style::overlapped, 1));
  const auto values = x.values();
  x.current.answered(x.current.ask(0), x.block(0, 9, 2));
  x.current.failed(x.current.ask(1), failure::not_finite);
  CHECK(x.current.finish() == outcome::voided);
  CHECK(x.values() == values);
  CHECK(x.current.push_to(0).base == 1);
  CHECK(x.current.push_to(1).base == 1);
}

TEST_CASE("a commit that a shard refuses does not raise the generation") {
  for (const auto style : every_style)
    for (const bool all : {false, true}) {
      lone_exchange x;
      x.pull();
      REQUIRE(x.current.begin_commit(style, 1));
      if (all)
        x.current.failed(x.current.ask(0), failure::not_finite);
      else
        x.current.answered(x.current.ask(0), x.applied(style, 0, 9, 2, 1));
      CHECK(x.current.failed(x.current.ask(1), failure::not_finite) == reaction::complete);
      CHECK(x.current.finish() == outcome::voided);
      CHECK(x.current.generation() == 0);
      // The recovery still finds the second shard in the first generation.
      REQUIRE(x.current.begin_recovery(0));
      x.current.answered(x.current.ask(0), x.block(0, 0, 2, 1));
      CHECK(x.current.answered(x.current.ask(1), x.block(1, 0, 2, 0)) == reaction::complete);
      CHECK(x.current.finish() == outcome::recovered);
      CHECK(x.current.generation() == 0);
    }
}

TEST_CASE("residuals stay after a commit that counts and are forgotten with void parameters") {
  lone_exchange x{{.attempts = 3, .fp16_pull = false, .recovers = true}, {wire_format::topk, 0.3}};
  x.pull();
  const auto step = [&] {
    x.copy.parameters()[0] -= 2;
    x.copy.parameters()[1] -= 1; // the smaller one stays behind
  };
  step();
  x.commit(commit_style::fetching);
  CHECK(x.copy.residual(0)[1] == 1);
  SUBCASE("a pull leaves them") {
    x.pull();
    CHECK(x.copy.residual(0)[1] == 1);
  }
  SUBCASE("a pull that brings a later generation") {
    x.pull(0, 1);
    CHECK(x.copy.residual(0)[1] == 0);
  }
  SUBCASE("a void commit") {
    step();
    REQUIRE(x.current.begin_commit(commit_style::fetching, 2));
    CHECK(x.answer_both(0, 1) == outcome::voided);
    CHECK(x.copy.residual(0)[1] == 0);
  }
  SUBCASE("a recovery") {
    REQUIRE(x.current.begin_recovery(0));
    CHECK(x.answer_both(0) == outcome::recovered);
    CHECK(x.copy.residual(0)[1] == 0);
  }
}
