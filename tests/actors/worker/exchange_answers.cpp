// What a worker asks the shards, and which answers count.
#include "actors/worker/exchange.hpp"
#include "tests/actors/worker/lone_exchange.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <vector>

using namespace adsp;
using test::every_style;
using test::lone_exchange;

namespace {

/// A copy of one shard that notes whether it must keep its updates for `merge`.
struct noting_copy final : local_copy {
  std::vector<bool> kept;

  std::size_t shard_count() const override { return 1; }
  std::optional<encoded_block> update(std::size_t, bool merged) override {
    kept.push_back(merged);
    return encoded_block{copy_of(std::vector<float>(3, 0.0F))};
  }
  bool accepts(std::size_t, const encoded_block&) const override { return true; }
  bool refresh(std::size_t, const encoded_block&) override { return true; }
  bool merge(std::size_t, const encoded_block&) override { return true; }
  void rebase() override {}
  void forget_residuals() override {}
};

} // namespace

TEST_CASE("the worker asks a shard again after a timeout, at most `attempts` times in all") {
  lone_exchange x;
  x.current.begin_pull(0);
  const auto first = x.current.ask(0);
  CHECK(x.current.failed(first, failure::timed_out) == reaction::ask_again);
  const auto second = x.current.ask(0);
  CHECK(x.current.failed(first, failure::timed_out) == reaction::wait); // said before
  CHECK(x.current.failed(second, failure::timed_out) == reaction::ask_again);
  CHECK(x.current.failed(x.current.ask(0), failure::timed_out) == reaction::give_up);
}

TEST_CASE("any failure but a timeout and a refusal is the end") {
  lone_exchange x;
  x.current.begin_pull(0);
  CHECK(x.current.failed(x.current.ask(1), failure::other) == reaction::give_up);
}

TEST_CASE("an answer counts once, and only in its exchange") {
  lone_exchange x;
  CHECK(x.current.answered({}, x.block(0, 1)) == reaction::wait); // before the first exchange
  CHECK(x.current.bytes() == 0);
  x.current.begin_pull(0);
  const auto early = x.current.ask(0);
  CHECK(x.current.answered(early, x.block(0, 1)) == reaction::wait);
  CHECK(x.current.answered(early, x.block(0, 2)) == reaction::wait);
  CHECK(x.current.failed(early, failure::other) == reaction::wait);
  CHECK(x.copy.parameters()[0] == 1);
  CHECK(x.current.answered({early.exchange, 7, 1}, x.block(7, 2)) == reaction::wait); // no shard
  CHECK(x.current.answered(x.current.ask(1), x.block(1, 1)) == reaction::complete);
  CHECK(x.current.finish() == outcome::first_pull);
  CHECK(x.current.bytes() == 24);

  CHECK(x.current.answered(early, x.block(0, 3)) == reaction::wait); // nothing is under way
  x.current.begin_pull(0);
  CHECK(x.current.answered(early, x.block(0, 4)) == reaction::wait);
  CHECK(x.copy.parameters()[0] == 1);
  CHECK(x.current.answered(x.current.ask(1), x.block(1, 5)) == reaction::wait);
  CHECK(x.current.answered(x.current.ask(0), x.block(0, 5)) == reaction::complete);
  CHECK(x.current.finish() == outcome::pulled);
  CHECK(x.current.bytes() == 48);
}

TEST_CASE("an answer of another shard, or of another length, is not accepted") {
  lone_exchange x;
  SUBCASE("by a pull") {
    x.current.begin_pull(0);
  }
  SUBCASE("by a recovery") {
    REQUIRE(x.current.begin_recovery(0));
  }
  SUBCASE("by a commit that fetches") {
    x.pull();
    REQUIRE(x.current.begin_commit(commit_style::fetching, 1));
  }
  SUBCASE("by an overlapped commit") {
    x.pull();
    REQUIRE(x.current.begin_commit(commit_style::overlapped, 1));
  }
  const auto values = x.values();
  const auto bytes = x.current.bytes();
  CHECK(x.current.answered(x.current.ask(1), x.block(0, 2)) == reaction::give_up);
  CHECK(x.current.answered(x.current.ask(1), {1, 0, copy_of(std::vector{1.0F, 2.0F}), 0}) ==
        reaction::give_up);
  CHECK(x.current.answered(x.current.ask(1), {1, 0, {}, 0}) == reaction::give_up);
  CHECK(x.current.answered(x.current.ask(1), {7, 0, {}, 0}) == reaction::give_up);
  CHECK(x.values() == values);
  CHECK(x.current.bytes() == bytes);
}

TEST_CASE("a bare commit does not accept the answer of another shard, either") {
  lone_exchange x;
  x.pull();
  REQUIRE(x.current.begin_commit(commit_style::bare, 1));
  CHECK(x.current.answered(x.current.ask(0), {1, 1, {}, 0}) == reaction::give_up);
  CHECK(x.current.answered(x.current.ask(1), {0, 1, {}, 0}) == reaction::give_up);
}

TEST_CASE("pulls and recoveries name their round, pushes and pulls their format") {
  for (const bool fp16 : {false, true}) {
    lone_exchange x{{.attempts = 3, .fp16_pull = fp16, .recovers = true}};
    x.current.join(5);
    x.current.begin_pull(4);
    CHECK(x.current.pull_from(1) == pull{.shard = 1, .candidate = false, .fp16 = fp16, .round = 4});
    x.answer_both(0);
    REQUIRE(x.current.begin_recovery(6));
    CHECK(x.current.pull_from(0) == pull{.shard = 0, .candidate = false, .fp16 = fp16, .round = 6});
    x.answer_both(0, 2);
    for (const auto style : every_style) {
      x.current.prepare_step();
      x.current.prepare_step();
      const std::vector<float> step(6, -2.0F);
      std::ranges::copy(step, x.copy.parameters().begin());
      REQUIRE(x.current.begin_commit(style, 1));
      const auto sent = x.current.push_to(1);
      CHECK(sent == push{.id = {.worker = 5, .sequence = sent.id.sequence},
                         .shard = 1,
                         .pull = style != commit_style::bare,
                         .update = copy_of(std::vector<float>(3, 2.0F)),
                         .generation = 2,
                         .fp16 = fp16,
                         .base = 1,
                         .steps = 2});
      CHECK(sent.id.sequence == 1 + static_cast<std::uint64_t>(style));
      x.current.answered(x.current.ask(0), x.applied(style, 0, 0, 1, 2));
      x.current.answered(x.current.ask(1), x.applied(style, 1, 0, 1, 2));
      CHECK(x.current.finish() == outcome::committed);
      x.current.begin_pull(0);
      x.answer_both(0, 2);
    }
  }
}

TEST_CASE("the bytes are those of each update, once, and of each answer that counts") {
  for (const auto style : every_style) {
    lone_exchange x;
    x.pull();
    CHECK(x.current.bytes() == 24);
    REQUIRE(x.current.begin_commit(style, 1));
    CHECK(x.current.bytes() == 48);
    CHECK(x.current.failed(x.current.ask(0), failure::timed_out) == reaction::ask_again);
    x.current.answered(x.current.ask(0), x.applied(style, 0, 0, 1));
    x.current.answered(x.current.ask(1), x.applied(style, 1, 0, 1));
    CHECK(x.current.finish() == outcome::committed);
    CHECK(x.current.bytes() == (style == commit_style::bare ? 48 : 72));
  }
}

TEST_CASE("a bare commit is not committed again, even if no step follows it") {
  lone_exchange x;
  x.pull();
  x.copy.parameters()[0] = -2;
  x.commit(commit_style::bare);
  REQUIRE(x.current.begin_commit(commit_style::fetching, 1));
  CHECK(x.current.push_to(0).update == encoded_block{copy_of(std::vector<float>(3, 0.0F))});
}

TEST_CASE("no block is held longer than its commit is under way") {
  for (const bool refused : {false, true}) {
    lone_exchange x{{.attempts = 3, .fp16_pull = true, .recovers = true}};
    x.pull();
    REQUIRE(x.current.begin_commit(commit_style::overlapped, 1));
    CHECK_FALSE(x.current.push_to(0).update.empty());
    const auto halves = std::make_shared<parameter_buffer>(2); // 3 halves, of 0
    std::ranges::fill(halves->values(), 0.0F);
    const encoded_block sent{wire_format::fp16, 3, 6, parameter_block{halves}};
    x.current.answered(x.current.ask(0), {0, 1, sent, 0});
    const auto second = x.current.ask(1);
    if (refused)
      x.current.failed(second, failure::not_finite);
    else
      x.current.answered(second, x.block(1, 0, 1));
    CHECK(halves.use_count() == 3); // here twice, and in the exchange
    x.current.finish();
    CHECK(halves.use_count() == 2);
    CHECK(x.current.push_to(0).update.empty());
  }
}

TEST_CASE("only overlapped commits have the copy keep their updates") {
  for (const auto style : every_style) {
    noting_copy copy;
    exchange current{copy, {}};
    REQUIRE(current.begin_commit(style, 1));
    CHECK(copy.kept == std::vector{style == commit_style::overlapped});
  }
}
