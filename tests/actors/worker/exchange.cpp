// Workers' exchanges with shards over a lossy network; `fake_crew` checks the invariants of
// exchange.hpp at every event.
#include "actors/worker/exchange.hpp"
#include "tests/actors/worker/fake_crew.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace adsp;
using test::fake_crew;
using test::weather;

namespace {

constexpr std::uint64_t model_size = 7;
constexpr std::uint32_t largest_shard = 3; // three shards, the last one smaller
constexpr commit_style styles[] = {commit_style::bare, commit_style::fetching,
                                   commit_style::overlapped};
constexpr weather every_weather[] = {{0, 0, 0, 3},
                                     {1, 0.3, 0, 3},
                                     {2, 0.2, 0.2, 3},
                                     {6, 0.5, 0.3, 3}}; // the last: later than the timeout

/// Calls `body(net)` with a crew for every weather and seed. The seed says the style too, and
/// whether updates are fp32 or topk and blocks fp32 or fp16: all are exact for small whole numbers.
template <class Body>
void for_every_crew(int attempts, Body body) {
  for (const auto& outside : every_weather)
    for (unsigned seed = 0; seed < test::seeds; ++seed) {
      CAPTURE(outside.max_delay);
      CAPTURE(seed);
      fake_crew net{model_size, largest_shard, outside, seed};
      const auto style = styles[seed % 3];
      const auto commits = seed / 3 % 2 == 0 ? encoding{} : encoding{wire_format::topk, 0.5};
      for (int i = 0; i < 3; ++i)
        net.add(style, {.attempts = attempts, .fp16_pull = seed / 6 % 2 == 1, .recovers = true},
                commits);
      body(net);
    }
}

constexpr int always = 100'000; ///< attempts of workers that never give up a shard

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

/// Each commit that counts has been applied by every shard, unless it was made in a generation
/// before `latest`.
void check_counted(const fake_crew& net, std::uint32_t latest) {
  int missed = 0;
  for (const auto& worker : net.workers)
    for (const auto& [sequence, generation] : worker->counted)
      for (const auto& applied : net.shards.applied)
        missed +=
            generation < latest || applied.contains({worker->current.worker(), sequence}) ? 0 : 1;
  CHECK(missed == 0);
}

/// Each shard returns to its first state `returns` times, at another moment than other shards and
/// than the workers hear of it; the orders may overtake each other.
void schedule_returns(fake_crew& net, std::uint32_t returns) {
  for (std::uint32_t generation = 1; generation <= returns; ++generation) {
    for (shard_id shard = 0; shard < net.shards.stores.size(); ++shard)
      net.at(generation + 2 * net.uniform(),
             [&net, shard, generation] { net.shards.restore(shard, generation); });
    for (auto& worker : net.workers)
      net.at(generation + 2 * net.uniform(),
             [&net, &worker, generation] { net.tell(*worker, generation); });
  }
}

} // namespace

TEST_CASE("whatever the network does, the shards end with the sum of all that was learnt") {
  for_every_crew(always, [](fake_crew& net) {
    net.run(10);
    check_sums(net);
    check_counted(net, 0);
    for (const auto& worker : net.workers) {
      REQUIRE(worker->steps == 10);
      CHECK(worker->current.steps_committed() == 10);
      CHECK(worker->voided.empty());
      CHECK(worker->counted.size() == worker->sent.size());
    }
  });
}

TEST_CASE("commits of before a return to an earlier state are void, those after it count") {
  for_every_crew(always, [](fake_crew& net) {
    constexpr std::uint32_t returns = 3;
    schedule_returns(net, returns);
    net.run(20); // about ten seconds
    check_sums(net);
    check_counted(net, returns);
    for (const auto& worker : net.workers) {
      REQUIRE_FALSE(worker->ended);
      CHECK(worker->current.generation() == returns);
      CHECK(worker->counted.size() + worker->voided.size() == worker->sent.size());
      for (const auto& applied : net.shards.applied)
        for (const auto sequence : worker->voided)
          CHECK_FALSE(applied.contains({worker->current.worker(), sequence}));
    }
  });
}

TEST_CASE("workers recover from updates that are not finite, whoever finds out, until too many") {
  for_every_crew(always, [](fake_crew& net) {
    constexpr std::uint32_t returns = 2;
    net.bad_steps = net.refusals = net.uniform() < 0.5 ? 0.03 : 0.3; // the larger: four in a row
    schedule_returns(net, returns);
    net.run(8);
    check_sums(net);
    check_counted(net, returns);
    for (const auto& worker : net.workers) {
      CHECK(worker->ended == (worker->voids_in_a_row > fake_crew::most_voids));
      CHECK(worker->counted.size() + worker->voided.size() == worker->sent.size());
      CHECK((worker->ended || worker->current.steps_committed() == 8));
    }
  });
}

TEST_CASE("a worker asks each shard at most `attempts` times and then gives up") {
  for_every_crew(2, [](fake_crew& net) {
    net.run(5);
    check_sums(net);
    for (const auto& worker : net.workers)
      CHECK((worker->ended || worker->current.steps_committed() == 5));
  });
}
