// The worker actor between mock neighbours that note what it sends and fail on anything else.
#include "actors/worker.hpp"
#include "learning/quadratic.hpp"
#include "tests/actors/tiny_job.hpp"
#include "tests/virtual_time.hpp"

#include <cmath>
#include <limits>
#include <memory>
#include <string>

using namespace adsp;

namespace {

/// What the mock neighbours saw and how they are to answer.
struct neighbours {
  std::vector<join> joins;
  bool ready = false; ///< the worker has the first parameters
  std::vector<push> pushes;
  std::vector<pull> pulls;
  std::vector<report> reports;
  sync::instruction instruction{1, sync::unlimited, 1, 1};
  int silent_pushes = 0; ///< pushes still to be left without an answer
  std::uint32_t generation = 0;
  bool refuse_updates = false; ///< answer pushes with not_finite
};

shard_actor::behavior_type mock_shard(shard_actor::pointer self, shard_id shard, std::uint32_t size,
                                      std::shared_ptr<neighbours> seen) {
  auto zeros = copy_of(std::vector<float>(size, 0.0f));
  return {
      [=](const push& x) -> caf::result<fresh> {
        seen->pushes.push_back(x);
        if (seen->refuse_updates)
          return make_error(ec::not_finite);
        if (seen->silent_pushes > 0) {
          --seen->silent_pushes;
          return self->make_response_promise<fresh>(); // never delivered
        }
        return fresh{shard, 1, x.pull ? zeros : parameter_block{}, seen->generation};
      },
      [=](const pull& x) -> caf::result<fresh> {
        seen->pulls.push_back(x);
        return fresh{shard, 0, zeros, seen->generation};
      },
      [](const server_rate&) { FAIL("a worker must not change the rate"); },
      [](keep_atom) { FAIL("not for a worker"); },
      [](const restore&) { FAIL("not for a worker"); },
  };
}

scheduler_actor::behavior_type mock_scheduler(std::shared_ptr<neighbours> seen) {
  return {
      [=](const join& x, const worker_actor&) {
        seen->joins.push_back(x);
        return welcome{4, 0, seen->instruction};
      },
      [=](const report& x) {
        if (std::exchange(seen->ready, true)) // the first says that the parameters are there
          seen->reports.push_back(x);
        return seen->instruction;
      },
      [](check_atom) { FAIL("not for a worker"); },
      [](evaluate_atom) { FAIL("not for a worker"); },
      [](status_atom) -> caf::result<job_status> { return make_error(ec::busy); },
      [](result_atom) -> caf::result<job_result> { return make_error(ec::busy); },
      [](gone_atom, const caf::node_id&) { FAIL("not for a worker"); },
      [](stop_atom) { FAIL("not for a worker"); },
      [](stop_atom, const std::string&) { FAIL("not for a worker"); },
  };
}

struct fixture {
  test::virtual_time world;
  std::shared_ptr<neighbours> seen = std::make_shared<neighbours>();
  scheduler_actor boss;
  bool recovers = false;
  double momentum = 0;
  std::uint64_t shard_size = 4;
  std::string kind = "softmax";
  std::shared_ptr<const learning::train_and_test> data = test::tiny_data();

  worker_actor start(sync::options policy, worker_group group) {
    const auto ranges = plan_shards(test::tiny_parameters, shard_size);
    std::vector<shard_actor> shards;
    for (const auto& range : ranges)
      shards.push_back(world.own(
          world.system.spawn(mock_shard, static_cast<shard_id>(shards.size()), range.size, seen)));
    boss = world.own(world.system.spawn(mock_scheduler, seen));
    learning::optimizer_options optimizer;
    optimizer.momentum = momentum;
    learning::sample_indices share(data->train.size());
    for (std::uint32_t i = 0; i < share.size(); ++i)
      share[i] = i;
    learning::model_options model;
    model.kind = kind;
    auto scratch = std::make_shared<step_scratch>();
    scratch->model = learning::make_model(model, learning::flat(data->train.features.rows()),
                                          data->train.classes);
    std::shared_ptr<const learning::dataset> train{data, &data->train};
    return world.own(world.system.spawn(
        worker, std::make_shared<worker_setup>(worker_setup{
                    "w",
                    train,
                    learning::batch_stream{share, 8, learning::generator{1, "batches"}},
                    learning::optimizer{optimizer, test::tiny_parameters},
                    sync::make_worker_policy(policy),
                    device{group, learning::generator{1, "d"}},
                    ranges,
                    shards,
                    {},
                    boss,
                    {},
                    recovers,
                    scratch})));
  }
};

sync::options tap() {
  sync::options x;
  x.policy = sync::policy_kind::tap;
  return x;
}

worker_group steps_of(double seconds) {
  worker_group x;
  x.step_seconds = seconds;
  return x;
}

} // namespace

TEST_CASE_FIXTURE(fixture, "a worker joins, pulls, trains and commits numbered updates") {
  start(tap(), steps_of(1));
  world.advance(3.5);
  REQUIRE(seen->joins.size() == 1);
  CHECK(seen->joins[0] == join{"w", test::tiny_parameters});
  CHECK(seen->pulls.size() == 2);
  REQUIRE(seen->pushes.size() == 6); // three steps, two shards
  for (std::size_t i = 0; i < 6; ++i) {
    CHECK(seen->pushes[i].id == commit_id{4, 0, 1 + i / 2});
    CHECK(seen->pushes[i].pull);
  }
  REQUIRE(seen->reports.size() == 3);
  CHECK(seen->reports.back().worker == 4);
  CHECK(seen->reports.back().progress.steps == 3);
  CHECK(seen->reports.back().progress.commits == 3);
  CHECK(seen->reports.back().progress.compute == doctest::Approx(3));
}

TEST_CASE_FIXTURE(fixture, "a worker does not train before it is permitted to") {
  seen->instruction.permitted_commits = 0;
  auto x = start(tap(), steps_of(1));
  world.advance(10);
  CHECK(seen->pushes.empty());
  caf::anon_send(x, sync::instruction{2, sync::unlimited, 1, 1});
  world.advance(1.5);
  CHECK(seen->pushes.size() == 2);
  const auto last = world.ask<report>(x, report_atom::value);
  REQUIRE(last);
  CHECK(last->progress.wait == 0); // the time before the start is nobody's fault
}

TEST_CASE_FIXTURE(fixture, "an unanswered commit is sent again under the same number") {
  seen->silent_pushes = 1;
  start(tap(), steps_of(1));
  world.advance(1.5);
  CHECK(seen->pushes.size() == 2);
  CHECK(seen->reports.empty());
  world.advance(10); // the shard's timeout
  REQUIRE(seen->pushes.size() >= 3);
  CHECK(seen->pushes[2] == seen->pushes[0]);
  CHECK(seen->reports.size() >= 1);
  CHECK(seen->reports[0].progress.commits == 1);
}

TEST_CASE_FIXTURE(fixture, "a worker gives up when a shard stays silent") {
  seen->silent_pushes = 1000;
  auto x = start(tap(), steps_of(1));
  world.advance(60);
  CHECK_FALSE(world.ask<report>(x, report_atom::value));
}

TEST_CASE_FIXTURE(fixture, "a worker whose update is refused says why it ends") {
  seen->refuse_updates = true;
  auto x = start(tap(), steps_of(1));
  world.self->monitor(x);
  world.advance(2);
  world.self->receive([&](const caf::down_msg& down) { CHECK(down.reason == ec::not_finite); });
}

TEST_CASE_FIXTURE(fixture, "links delay the exchange and their time is booked as communication") {
  auto group = steps_of(1);
  group.latency = 0.25;
  auto x = start(tap(), group);
  world.advance(0.6); // the first pull: a quarter second each way
  CHECK(seen->pulls.size() == 2);
  world.advance(1.0);
  CHECK(seen->pushes.empty()); // on the way
  world.advance(0.2);
  CHECK(seen->pushes.size() == 2);
  CHECK(seen->reports.empty());
  world.advance(0.25);
  CHECK(seen->reports.size() == 1);
  CHECK(seen->reports[0].progress.communicate == doctest::Approx(1.0));
  CHECK(seen->reports[0].progress.compute == doctest::Approx(1));
}

TEST_CASE_FIXTURE(fixture, "under a barrier a worker waits for the release, then pulls") {
  sync::options bsp;
  bsp.policy = sync::policy_kind::bsp;
  seen->instruction.permitted_commits = 1;
  auto x = start(bsp, steps_of(1));
  world.advance(5);
  CHECK(seen->pushes.size() == 2);
  CHECK_FALSE(seen->pushes[0].pull);
  CHECK(seen->pulls.size() == 2); // the first ones
  caf::anon_send(x, sync::instruction{2, 2, 1, 1});
  world.advance(0.5);
  CHECK(seen->pulls.size() == 4);
  const auto now = world.ask<report>(x, report_atom::value);
  REQUIRE(now);
  CHECK(now->progress.wait == doctest::Approx(4));
  CHECK(now->progress.compute == doctest::Approx(1.5)); // the step under way counts
}

TEST_CASE_FIXTURE(fixture, "a stopped worker answers with its counts and is gone") {
  auto x = start(tap(), steps_of(1));
  world.advance(2.5);
  const auto last = world.ask<report>(x, stop_atom::value);
  REQUIRE(last);
  CHECK(last->progress.steps == 2);
  CHECK_FALSE(world.ask<report>(x, report_atom::value));
}

TEST_CASE_FIXTURE(fixture, "a worker ends with its scheduler") {
  auto x = start(tap(), steps_of(1));
  world.advance(1.5);
  caf::anon_send_exit(boss, caf::exit_reason::kill);
  world.advance(1);
  CHECK_FALSE(world.ask<report>(x, report_atom::value));
}

TEST_CASE_FIXTURE(fixture,
                  "an overlapped commit does not stop the steps, and the next waits for it") {
  sync::options knobs;
  knobs.check_period = 10;
  auto group = steps_of(0.5);
  group.latency = 2; // an exchange takes longer than the timer
  seen->instruction = {1, sync::unlimited, 1, 10};
  auto x = start(knobs, group);
  world.advance(4);  // the first pull
  world.advance(20); // 4 s a commit, begun at the step's end after the one before
  const auto now = world.ask<report>(x, report_atom::value);
  REQUIRE(now);
  CHECK(now->progress.steps == 40);
  CHECK(now->progress.commits == 4);
  CHECK(now->progress.communicate == doctest::Approx(4));
  CHECK(now->progress.wait == 0);
}

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
  knobs.overlap = false;
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
    REQUIRE(policy.overlap);
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

TEST_CASE_FIXTURE(fixture, "a device joins and leaves at its times") {
  auto group = steps_of(1);
  group.join = 5;
  group.leave = 9;
  auto x = start(tap(), group);
  world.advance(4.9);
  CHECK(seen->joins.empty());
  world.advance(3);
  CHECK(seen->joins.size() == 1);
  CHECK(seen->pushes.size() == 4); // two steps, two shards
  const auto reports = seen->reports.size();
  world.advance(2);
  REQUIRE(seen->reports.size() == reports + 2); // after the third step, and at the end
  CHECK(seen->reports.back().progress.compute == doctest::Approx(4));
  CHECK_FALSE(world.ask<report>(x, report_atom::value));
}

TEST_CASE_FIXTURE(
    fixture, "a worker that is told to go commits what no shard has yet, and waits for nobody") {
  sync::options rare = tap();
  SUBCASE("between two commits of a timer, overlapped") {
    rare.policy = sync::policy_kind::adsp;
    rare.overlap = true;
  }
  SUBCASE("between two commits of a timer") {
    rare.policy = sync::policy_kind::adsp;
    rare.overlap = false;
  }
  SUBCASE("before the tau steps are done") {
    rare.policy = sync::policy_kind::fixed_adacomm;
    rare.local_steps = 100;
  }
  seen->instruction = {1, sync::unlimited, 100, 1};
  rare.check_period = 1000;
  auto device = steps_of(1);
  device.latency = 0.25;
  auto x = start(rare, device);
  world.self->monitor(x);
  world.advance(3.7); // in the fourth step
  CHECK(seen->pushes.empty());
  caf::anon_send(x, farewell_atom::value);
  world.advance(2);
  CHECK(seen->pushes.size() == 2);
  REQUIRE_FALSE(seen->reports.empty());
  CHECK(seen->reports.back().progress.steps == 4);
  CHECK(seen->reports.back().progress.commits == 1);
  bool ended = false;
  world.self->receive([&](const caf::down_msg& gone) { ended = !gone.reason; },
                      caf::after(std::chrono::seconds{0}) >> [] {});
  CHECK(ended);
}

TEST_CASE_FIXTURE(fixture, "a worker that has nothing to commit goes at once") {
  sync::options barrier;
  barrier.policy = sync::policy_kind::bsp;
  std::size_t pushes = 0;
  SUBCASE("before training") {
    seen->instruction.permitted_commits = 0;
  }
  SUBCASE("at a barrier") {
    seen->instruction.permitted_commits = 1;
    pushes = 2;
  }
  auto x = start(barrier, steps_of(1));
  world.advance(5);
  CHECK(seen->pushes.size() == pushes);
  caf::anon_send(x, farewell_atom::value);
  world.advance(0.1);
  CHECK(seen->pushes.size() == pushes);
  CHECK_FALSE(world.ask<report>(x, report_atom::value));
}

TEST_CASE_FIXTURE(fixture, "under a barrier a worker asks for the parameters of its round") {
  seen->instruction = {1, 0, 1, 1, 0, 7};
  sync::options barrier;
  barrier.policy = sync::policy_kind::bsp;
  auto x = start(barrier, steps_of(1));
  world.advance(1);
  REQUIRE(seen->pulls.size() == 2);
  CHECK(seen->pulls[1].round == 7);
  seen->instruction = {2, 1, 1, 1, 0, 7};
  caf::anon_send(x, seen->instruction);
  world.advance(1.5);
  caf::anon_send(x, sync::instruction{3, 2, 1, 1, 0, 8});
  world.advance(0.1);
  REQUIRE(seen->pulls.size() == 4);
  CHECK(seen->pulls[3].round == 8);
}
