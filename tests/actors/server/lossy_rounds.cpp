// Rounds by time over a network that loses, repeats and reorders, with workers that come and go:
// `round_crew` checks at every step of a shard that each commit moves it once, by the rule.
#include "tests/actors/server/round_crew.hpp"

using namespace adsp;
using test::round_crew;
using test::weather;

namespace {

constexpr weather every_weather[] = {
    {0.01, 0, 0, 3}, {1, 0.3, 0, 3}, {2, 0.2, 0.2, 3}, {9, 0.3, 0.3, 3}};

/// Calls `body(crew)` with five workers, whose steps differ by up to twenty times, for every
/// weather and seed. The seed says whether the pace is measured or given.
template <class Body>
void for_every_crew(Body body) {
  for (const auto& outside : every_weather)
    for (unsigned seed = 0; seed < test::seeds; ++seed) {
      CAPTURE(outside.max_delay);
      CAPTURE(seed);
      sync::round_options knobs;
      if (seed % 2 == 0) {
        knobs.length = 4;
        knobs.grace = 1 + seed % 3;
      }
      round_crew crew{outside, seed, knobs, 0.5 * (seed % 3)};
      for (int i = 0; i < 5; ++i)
        crew.add(0.1 + 1.9 * crew.uniform());
      crew.start();
      body(crew);
    }
}

/// Everybody who is left goes on: no worker waits, and each has further commits. Where exchanges
/// take longer, rounds do, and where messages are lost so do exchanges.
void check_progress(round_crew& crew) {
  const auto seconds = 300 + (crew.outside.lose > 0 ? 800 : 200) * crew.outside.max_delay;
  const auto closed = crew.leader.rounds_closed();
  std::vector<std::uint64_t> commits;
  for (const auto& each : crew.workers) {
    commits.push_back(each->done.commits);
    each->waits = 0;
  }
  crew.run_until(crew.now + seconds);
  CHECK(crew.leader.rounds_closed() > closed + 2);
  for (std::size_t i = 0; i < commits.size(); ++i) {
    const auto& each = *crew.workers[i];
    if (each.gone)
      continue;
    CHECK(each.waits == 0);
    CHECK(each.done.commits > commits[i]);
  }
}

} // namespace

TEST_CASE("a round's step is made of each commit once, whatever the network does, and all go on") {
  for_every_crew([](round_crew& crew) {
    crew.run_until(200);
    check_progress(crew);
  });
}

TEST_CASE("who joins, dies or sleeps in any place of a round neither stalls nor doubles it") {
  for_every_crew([](round_crew& crew) {
    for (const worker_id who : {0U, 1U})
      crew.at(20 + 60 * crew.uniform(), [&crew, who] { crew.kill(who); });
    for (const worker_id who : {2U, 3U})
      crew.at(20 + 60 * crew.uniform(),
              [&crew, who] { crew.workers[who]->asleep_until = crew.now + 60 * crew.uniform(); });
    crew.at(20 + 60 * crew.uniform(), [&crew] { crew.add(0.1 + 1.9 * crew.uniform()); });
    crew.run_until(250);
    check_progress(crew);
  });
}
