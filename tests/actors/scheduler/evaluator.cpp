// The evaluator actor beside shards whose states the test chooses.
#include "actors/scheduler/evaluator.hpp"
#include "learning/models/quadratic.hpp"
#include "tests/actors/tiny_job.hpp"
#include "tests/virtual_time.hpp"

using namespace adsp;

namespace {

struct states {
  float value = 0; ///< of every parameter
  std::uint32_t generation = 0;
};

shard_actor::behavior_type mock_shard(shard_id shard, std::uint32_t size,
                                      std::shared_ptr<states> now) {
  return {
      [](const push&) -> caf::result<fresh> { return make_error(ec::busy); },
      [=](const pull&) {
        return fresh{shard, 1, copy_of(std::vector<float>(size, now->value)), now->generation};
      },
      [](const server_rate&) { FAIL("not from the evaluator"); },
      [](keep_atom) { FAIL("not from the evaluator"); },
      [](const restore&) { FAIL("not from the evaluator"); },
  };
}

struct fixture {
  test::virtual_time world;
  std::shared_ptr<const learning::train_and_test> data = test::tiny_data();
  std::shared_ptr<states> now = std::make_shared<states>();

  evaluator_actor start(bool averages) {
    std::vector<shard_actor> shards;
    for (shard_id i = 0; i < 2; ++i)
      shards.push_back(world.own(
          world.system.spawn(mock_shard, i, std::uint32_t{test::tiny_parameters / 2}, now)));
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
