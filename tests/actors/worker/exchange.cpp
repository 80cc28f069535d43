// A worker's pulls and commits over many shards, without an actor.
#include "actors/worker/exchange.hpp"
#include "tests/actors/worker/fake_shards.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <vector>

using namespace adsp;
using test::fake_crew;
using test::weather;

namespace {

constexpr std::uint64_t model_size = 7;
constexpr std::uint32_t largest_shard = 3; // three shards, the last one smaller
constexpr commit_style every_style[] = {commit_style::bare, commit_style::fetching,
                                        commit_style::overlapped};
constexpr weather every_weather[] = {{0, 0, 0, 3},
                                     {1, 0.3, 0, 3},
                                     {2, 0.2, 0.2, 3},
                                     {6, 0.5, 0.3, 3}}; // the last: later than the timeout

constexpr exchange_rules patient{.attempts = 100'000, .fp16_pull = false, .recovers = true};

/// Each shard is the sum of what it has applied, each update of which is what its worker learnt.
void check_sums(const fake_crew& net) {
  for (shard_id shard = 0; shard < net.shards.stores.size(); ++shard) {
    const auto& range = net.shards.ranges[shard];
    std::vector<float> expected(range.size, 0.0F);
    for (const auto& [worker, sequence] : net.shards.applied[shard])
      for (std::uint32_t i = 0; i < range.size; ++i)
        expected[i] -= net.workers[worker]->sent.at(sequence - 1)[range.first + i];
    CHECK(net.shards.values(shard) == expected);
  }
}

/// A worker's exchange and copy, and blocks to answer with, each of them filled with one number.
struct alone {
  replica copy{plan_shards(6, 3)};
  exchange current;

  explicit alone(exchange_rules rules = {.attempts = 3, .fp16_pull = false, .recovers = true})
      : current{copy, rules} {}

  static fresh block(shard_id shard, float value, std::uint64_t version = 0,
                     std::uint32_t generation = 0) {
    return {shard, version, copy_of(std::vector<float>(3, value)), generation};
  }

  void pull(float value = 0) {
    current.begin_pull(0);
    CHECK(current.answered(current.ask(0), block(0, value)) == reaction::wait);
    REQUIRE(current.answered(current.ask(1), block(1, value)) == reaction::complete);
    current.finish();
  }
};

} // namespace

TEST_CASE("whatever the network does, the shards end with the sum of all that was learnt") {
  for (const auto& outside : every_weather)
    for (const auto style : every_style)
      for (unsigned seed = 0; seed < 25; ++seed) {
        CAPTURE(outside.max_delay);
        CAPTURE(static_cast<int>(style));
        CAPTURE(seed);
        fake_crew net{model_size, largest_shard, outside, seed};
        for (int i = 0; i < 3; ++i)
          net.add(style, patient);
        net.run(10);
        check_sums(net);
        for (const auto& worker : net.workers) {
          int missed = 0;
          REQUIRE(worker->steps == 10);
          CHECK(worker->current.steps_committed() == 10);
          CHECK(worker->voided.empty());
          CHECK(worker->counted.size() == worker->sent.size());
          for (const auto& applied : net.shards.applied)
            for (std::uint64_t sequence = 1; sequence <= worker->sent.size(); ++sequence)
              missed += applied.contains({worker->current.worker(), sequence}) ? 0 : 1;
          CHECK(missed == 0);
        }
      }
}

TEST_CASE("commits of before a return to an earlier state are void, those after it count") {
  for (const auto& outside : every_weather)
    for (const auto style : every_style)
      for (unsigned seed = 0; seed < 25; ++seed) {
        CAPTURE(outside.max_delay);
        CAPTURE(static_cast<int>(style));
        CAPTURE(seed);
        fake_crew net{model_size, largest_shard, outside, seed};
        for (int i = 0; i < 3; ++i)
          net.add(style, patient);
        constexpr std::uint32_t returns = 3;
        for (std::uint32_t generation = 1; generation <= returns; ++generation) {
          for (shard_id shard = 0; shard < net.shards.stores.size(); ++shard)
            net.at(generation + 2 * net.uniform(),
                   [&net, shard, generation] { net.shards.restore(shard, generation); });
          for (auto& worker : net.workers)
            net.at(generation + 2 * net.uniform(),
                   [&worker, generation] { worker->current.expect(generation); });
        }
        net.run(20); // about ten seconds
        check_sums(net);
        for (const auto& worker : net.workers) {
          REQUIRE_FALSE(worker->ended);
          CHECK(worker->current.generation() == returns);
          CHECK(worker->counted.size() + worker->voided.size() == worker->sent.size());
          for (const auto& applied : net.shards.applied) {
            for (const auto sequence : worker->voided)
              CHECK_FALSE(applied.contains({worker->current.worker(), sequence}));
            for (const auto& [sequence, generation] : worker->counted)
              CHECK(
                  (generation < returns || applied.contains({worker->current.worker(), sequence})));
          }
        }
      }
}

TEST_CASE("no part of an update that is not finite is sent, and the worker recovers from it") {
  for (const auto style : every_style)
    for (unsigned seed = 0; seed < 10; ++seed) {
      CAPTURE(static_cast<int>(style));
      CAPTURE(seed);
      fake_crew net{model_size, largest_shard, every_weather[2], seed};
      auto& worker = net.add(style, patient);
      net.run(4);
      const auto sent = worker.sent.size(); // the next id follows on it: see fake_crew
      worker.copy.parameters().back() = std::numeric_limits<float>::infinity();
      worker.learnt.back() = -std::numeric_limits<float>::infinity();
      net.train(worker);
      CHECK_FALSE(worker.current.begin_commit(style, worker.steps));
      CHECK_FALSE(worker.current.under_way()); // nobody has been asked anything
      CHECK(worker.current.must_recover());
      net.recover(worker);
      net.run(worker.steps + 3);
      check_sums(net);
      CHECK(worker.sent.size() > sent);
      CHECK(worker.voided.empty());
      CHECK(worker.current.steps_committed() == worker.steps);
    }
}

TEST_CASE("a worker gives up after several updates in a row that are not finite") {
  alone x;
  for (int i = 0; i < 3; ++i) {
    x.pull();
    x.copy.parameters()[0] = std::numeric_limits<float>::quiet_NaN();
    CHECK_FALSE(x.current.begin_commit(commit_style::fetching, 1));
    CHECK(x.current.begin_recovery(0));
    CHECK(x.current.answered(x.current.ask(0), x.block(0, 0)) == reaction::wait);
    CHECK(x.current.answered(x.current.ask(1), x.block(1, 0)) == reaction::complete);
    CHECK(x.current.finish() == outcome::recovered);
  }
  x.copy.parameters()[0] = std::numeric_limits<float>::quiet_NaN();
  CHECK_FALSE(x.current.begin_commit(commit_style::fetching, 1));
  CHECK_FALSE(x.current.begin_recovery(0));
}

TEST_CASE("a shard is asked again after a timeout, so often and no more") {
  alone x;
  x.current.begin_pull(0);
  const auto first = x.current.ask(0);
  CHECK(x.current.failed(first, failure::timed_out) == reaction::ask_again);
  const auto second = x.current.ask(0);
  CHECK(x.current.failed(first, failure::timed_out) == reaction::wait); // said before
  CHECK(x.current.failed(second, failure::timed_out) == reaction::ask_again);
  CHECK(x.current.failed(x.current.ask(0), failure::timed_out) == reaction::give_up);
}

TEST_CASE("an answer counts once, and only in its exchange") {
  alone x;
  x.current.begin_pull(0);
  const auto early = x.current.ask(0);
  CHECK(x.current.answered(early, x.block(0, 1)) == reaction::wait);
  CHECK(x.current.answered(early, x.block(0, 2)) == reaction::wait);
  CHECK(x.current.failed(early, failure::other) == reaction::wait);
  CHECK(x.copy.parameters()[0] == 1);
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

TEST_CASE("a shard that answers for another, or with another's length, is not taken") {
  alone x;
  x.current.begin_pull(0);
  CHECK(x.current.answered(x.current.ask(0), x.block(0, 1)) == reaction::wait);
  CHECK(x.current.answered(x.current.ask(1), x.block(0, 2)) == reaction::give_up);
  CHECK(x.copy.parameters()[0] == 1);
  CHECK(x.current.answered(x.current.ask(1), {1, 0, copy_of(std::vector{1.0F, 2.0F}), 0}) ==
        reaction::give_up);
  CHECK(x.current.answered(x.current.ask(1), {7, 0, {}, 0}) == reaction::give_up);
}

TEST_CASE("a bare commit that meets a later generation is void, and a recovery brings its block") {
  alone x{{.attempts = 3, .fp16_pull = false, .recovers = true}};
  x.pull();
  REQUIRE(x.current.begin_commit(commit_style::bare, 1));
  for (shard_id shard = 0; shard < 2; ++shard)
    x.current.answered(x.current.ask(shard), {shard, 1, encoded_block{}, 1});
  CHECK(x.current.finish() == outcome::voided);
  CHECK(x.current.generation() == 0);
  CHECK(x.current.must_recover());
}

TEST_CASE("an update that a shard refuses is void, and the worker recovers if it may") {
  for (const bool recovers : {false, true})
    for (const auto style : every_style) {
      alone x{{.attempts = 3, .fp16_pull = false, .recovers = recovers}};
      x.pull();
      REQUIRE(x.current.begin_commit(style, 1));
      const auto first = x.current.ask(0);
      CHECK(x.current.answered(
                first, {0, 1, style == commit_style::bare ? encoded_block{} : x.block(0, 1).values,
                        0}) == reaction::wait);
      const auto refused = x.current.failed(x.current.ask(1), failure::not_finite);
      CHECK(refused == (recovers ? reaction::complete : reaction::give_up));
      if (!recovers)
        continue;
      CHECK(x.current.finish() == outcome::voided);
      CHECK(x.current.must_recover());
    }
}
