// The evaluator actor beside shards whose states the test chooses.
#include "actors/scheduler/evaluator.hpp"
#include "learning/models/quadratic.hpp"
#include "tests/actors/tiny_job.hpp"
#include "tests/mock.hpp"
#include "tests/virtual_time.hpp"

#include <optional>
#include <vector>

using namespace adsp;

namespace {

struct states {
  float value = 0; ///< of every parameter
  std::uint32_t generation = 0;
  std::vector<shard_id> answers_as = {0, 1};              ///< the index each shard answers with
  bool fail_first = false;                                ///< shard 0 answers with an error
  bool hold_second = false;                               ///< shard 1 does not answer yet
  bool second_is_longer = false;                          ///< shard 1 has one parameter too many
  std::vector<caf::typed_response_promise<fresh>> held{}; ///< shard 1's answers to come
};

test::mock<shard_actor> mock_shard(caf::event_based_actor* self, shard_id shard, std::uint32_t size,
                                   const std::shared_ptr<states>& now) {
  return {
      [=](const pull&) -> caf::result<fresh> {
        if (shard == 0 && now->fail_first)
          return make_error(ec::busy);
        if (shard == 1 && now->hold_second) {
          now->held.push_back(self->make_response_promise<fresh>());
          return now->held.back();
        }
        const auto length = size + (shard == 1 && now->second_is_longer ? 1 : 0);
        return fresh{now->answers_as[shard], 1, copy_of(std::vector<float>(length, now->value)),
                     now->generation};
      },
      [=](keep_atom) { // from the test: give the oldest answer that is held
        now->held.front().deliver(
            fresh{shard, 1, copy_of(std::vector<float>(size, now->value)), now->generation});
        now->held.erase(now->held.begin());
      },
  };
}

struct fixture {
  test::virtual_time world;
  std::shared_ptr<const learning::train_and_test> data = test::tiny_data();
  std::shared_ptr<states> now = std::make_shared<states>();
  std::vector<shard_actor> shards;

  evaluator_actor start(bool averages) {
    for (shard_id i = 0; i < 2; ++i)
      shards.push_back(world.own(
          spawn_mock(world.system, mock_shard, i, std::uint32_t{test::tiny_parameters / 2}, now)));
    learning::model_options model;
    model.kind = "softmax";
    return world.own(world.system.spawn(
        evaluator, std::make_shared<evaluator_setup>(evaluator_setup{
                       {data, &data->test},
                       learning::make_model(model, learning::flat(2), data->train.classes),
                       shards,
                       averages})));
  }

  /// What is evaluated when the shards' parameters are all `value`.
  float measured(const evaluator_actor& x, float value) {
    now->value = value;
    REQUIRE(world.ask<evaluation>(x, evaluate_atom::value));
    const auto block = world.ask<parameter_block>(x, result_atom::value);
    REQUIRE(block);
    REQUIRE(block->size() == test::tiny_parameters);
    return block->values()[test::tiny_parameters - 1];
  }
};

} // namespace

TEST_CASE_FIXTURE(fixture, "the shards' state itself is evaluated, unless averages are asked for") {
  const auto x = start(false);
  CHECK(measured(x, 1) == 1);
  CHECK(measured(x, 2) == 2);
}

TEST_CASE_FIXTURE(fixture, "the average is evaluated, and begins anew after a return") {
  const auto x = start(true);
  CHECK(measured(x, 1) == 1);
  const auto second = measured(x, 2);
  CHECK(second > 1);
  CHECK(second < 2);
  now->generation = 1;
  CHECK(measured(x, 5) == 5);
}

TEST_CASE_FIXTURE(fixture, "a shard that answers as another one fails the evaluation at once") {
  const auto x = start(false);
  now->answers_as = {0, 0};
  CHECK_FALSE(world.ask<evaluation>(x, evaluate_atom::value));
  CHECK(world.error == ec::wrong_shard);
  now->answers_as = {0, 1};
  CHECK(measured(x, 1) == 1);
}

TEST_CASE_FIXTURE(fixture, "what has been measured last stays through an evaluation that fails") {
  const auto x = start(false);
  CHECK(measured(x, 1) == 1);
  now->value = 2;
  now->second_is_longer = true;
  CHECK_FALSE(world.ask<evaluation>(x, evaluate_atom::value));
  CHECK(world.error == ec::wrong_size);
  const auto block = world.ask<parameter_block>(x, result_atom::value);
  REQUIRE(block);
  CHECK(*block == copy_of(std::vector<float>(test::tiny_parameters, 1)));
}

TEST_CASE_FIXTURE(fixture, "an answer to an earlier evaluation is no part of the next one") {
  const auto x = start(false);
  now->fail_first = true;
  now->hold_second = true;
  CHECK_FALSE(world.ask<evaluation>(x, evaluate_atom::value));
  now->fail_first = false;
  REQUIRE(now->held.size() == 1);
  auto pending = world.self->request(x, std::chrono::seconds{1000}, evaluate_atom::value);
  world.settle();
  REQUIRE(now->held.size() == 2);
  for (float value : {7.0f, 3.0f}) {
    now->value = value;
    caf::anon_send(shards[1], keep_atom::value);
    world.settle();
  }
  std::optional<evaluation> answer;
  pending.receive([&](const evaluation& made) { answer = made; }, [](const caf::error&) {});
  REQUIRE(answer);
  const auto block = world.ask<parameter_block>(x, result_atom::value);
  REQUIRE(block);
  CHECK(block->values()[test::tiny_parameters - 1] == 3);
}
