// A worker whose parameters are taken back to an earlier state, or whose update is not finite.
#include "learning/data/sources/quadratic_draws.hpp"
#include "sync/adsp_options.hpp"
#include "tests/actors/worker/worker_neighbours.hpp"

#include <cmath>
#include <limits>

using namespace adsp;
using fixture = test::worker_fixture;
using test::steps_of;
using test::tap;

TEST_CASE_FIXTURE(fixture, "a new generation makes the worker fetch the parameters anew") {
  auto x = start(tap(), steps_of(1));
  world.advance(2.5);
  const auto pulls = seen->pulls.size();
  auto again = seen->instruction;
  again.revision += 1;
  again.generation = 1;
  seen->instruction = again;
  seen->generation = 1;
  caf::anon_send(x, again);
  world.advance(3);
  CHECK(seen->pulls.size() == pulls + 2); // both shards, once
  CHECK(seen->pushes.back().generation == 1);
}

TEST_CASE_FIXTURE(fixture, "a worker that returns to an earlier state has no velocity") {
  const auto size_of_last = [this] {
    double sum = 0;
    for (float x : seen->pushes[seen->pushes.size() - 2].update.plain().values()) // of the weights
      sum += std::abs(x);
    return sum;
  };
  momentum = 0.9;
  auto x = start(tap(), steps_of(1));
  world.advance(1.5);
  const auto first = size_of_last();
  world.advance(10);
  CHECK(size_of_last() > 4 * first);
  seen->generation = 1;
  SUBCASE("told by the scheduler") {
    seen->instruction.revision += 1;
    seen->instruction.generation = 1;
    caf::anon_send(x, seen->instruction);
    world.advance(0.1);
  }
  SUBCASE("told by a shard") {}
  world.advance(2);
  CHECK(seen->pushes.back().generation == 1);
  CHECK(size_of_last() < 2.5 * first); // of one step, or two
}

TEST_CASE_FIXTURE(fixture, "a worker that returns to an earlier state begins its timer anew") {
  sync::options knobs;
  knobs.check_period = 10;
  knobs.adsp->step = sync::server_step::commit;
  knobs.adsp->overlap = false;
  auto x = start(knobs, steps_of(1));
  world.advance(8.5);
  CHECK(seen->pushes.empty());
  seen->generation = 1;
  seen->instruction.revision += 1;
  seen->instruction.generation = 1;
  caf::anon_send(x, seen->instruction);
  world.advance(10); // the step under way ends at 9 s, then it fetches
  CHECK(seen->pushes.empty());
  world.advance(1);
  CHECK(seen->pushes.size() == 2);
}

TEST_CASE_FIXTURE(fixture, "a commit that an earlier state had made does not count") {
  start(tap(), steps_of(1));
  world.advance(1.5);
  seen->generation = 1; // the shards have gone back, the worker has not been told
  world.advance(1);
  REQUIRE(seen->reports.size() == 2);
  CHECK(seen->reports.back().progress.commits == 1);
  world.advance(1);
  CHECK(seen->reports.back().progress.commits == 2);
  CHECK(seen->pushes.back().generation == 1);
}

TEST_CASE_FIXTURE(fixture,
                  "a worker that recovers gives up an update that is not finite, and itself "
                  "after several") {
  recovers = true;
  seen->refuse_updates = true;
  auto x = start(tap(), steps_of(1));
  world.advance(1.5);
  CHECK(seen->pulls.size() == 4); // fetched anew instead
  CHECK(world.ask<report>(x, report_atom::value)->progress.commits == 0);
  world.advance(10);
  CHECK_FALSE(world.ask<report>(x, report_atom::value));
}

TEST_CASE_FIXTURE(fixture, "of an update that is not finite no shard sees any part") {
  auto noisy = std::make_shared<learning::train_and_test>(
      learning::quadratic_data(64, test::tiny_parameters, 1));
  noisy->train.features.bottomRows(1).fill(std::numeric_limits<float>::quiet_NaN());
  data = noisy;
  kind = "quadratic";
  shard_size = 2; // three shards; only the last one's part holds NaN
  sync::options policy = tap();
  SUBCASE("when the exchange stops the worker") {}
  SUBCASE("when the worker trains meanwhile") {
    policy = {};
    policy.check_period = 1;
    REQUIRE(policy.adsp->overlap);
  }
  SUBCASE("and a worker that recovers fetches the parameters anew") {
    recovers = true;
  }
  SUBCASE("and so does one that trains meanwhile") {
    recovers = true;
    policy = {};
    policy.check_period = 1;
  }
  auto x = start(policy, steps_of(1));
  world.self->monitor(x);
  if (recovers) {
    world.advance(1.5);
    CHECK(seen->pulls.size() == 6);
    REQUIRE(seen->reports.size() == 1);
    CHECK(seen->reports[0].progress.steps == 1);
    CHECK(seen->reports[0].progress.commits == 0);
    CHECK(seen->reports[0].progress.bytes == 24); // of the first pull
  }
  world.advance(10);
  CHECK(seen->pushes.empty());
  world.self->receive([&](const caf::down_msg& down) { CHECK(down.reason == ec::not_finite); });
}
