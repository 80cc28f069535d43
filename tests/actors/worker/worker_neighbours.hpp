// Mock neighbours of the worker: they note what it sends, answer as the test says, and fail on
// anything else.
#pragma once

#include "actors/worker/worker.hpp"
#include "tests/actors/tiny_job.hpp"
#include "tests/mock.hpp"
#include "tests/virtual_time.hpp"

#include <caf/typed_response_promise.hpp>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace adsp::test {

/// What the mock neighbours saw and how they are to answer.
struct neighbours {
  std::vector<join> joins;
  worker_actor joined; ///< the last one
  /// When set, the scheduler refuses joins through it, when the test sends it `check_atom`.
  std::optional<caf::typed_response_promise<welcome>> late_welcome;
  bool ready = false; ///< the worker has the first parameters
  std::vector<push> pushes;
  std::vector<pull> pulls;
  std::vector<report> reports;
  sync::instruction instruction{1, sync::unlimited, 1, 1};
  int silent_pushes = 0; ///< pushes still to be left without an answer
  std::uint32_t generation = 0;
  bool holds = false;                ///< pushes that ask for blocks are not answered
  bool refuse_updates = false;       ///< answer pushes with not_finite
  std::optional<shard_id> answer_as; ///< every shard answers pulls as this one
};

inline mock<shard_actor> mock_shard(caf::event_based_actor* self, shard_id shard,
                                    std::uint32_t size, const std::shared_ptr<neighbours>& seen) {
  auto zeros = copy_of(std::vector<float>(size, 0.0f));
  return {
      [=](const push& x) -> caf::result<fresh> {
        seen->pushes.push_back(x);
        if (seen->refuse_updates)
          return make_error(ec::not_finite);
        if (seen->holds && x.pull)
          return self->make_response_promise<fresh>(); // the round does not end
        if (seen->silent_pushes > 0) {
          --seen->silent_pushes;
          return self->make_response_promise<fresh>(); // never delivered
        }
        return fresh{shard, 1, x.pull ? zeros : parameter_block{}, seen->generation};
      },
      [=](const pull& x) -> caf::result<fresh> {
        seen->pulls.push_back(x);
        return fresh{seen->answer_as.value_or(shard), 0, zeros, seen->generation};
      },
  };
}

inline mock<scheduler_actor> mock_scheduler(caf::event_based_actor* self,
                                            const std::shared_ptr<neighbours>& seen) {
  return {
      [=](const join& x, const worker_actor& who) -> caf::result<welcome> {
        seen->joins.push_back(x);
        seen->joined = who;
        if (seen->late_welcome)
          return *(seen->late_welcome = self->make_response_promise<welcome>());
        return welcome{4, seen->instruction};
      },
      [=](const report& x) {
        if (std::exchange(seen->ready, true)) // the first says that the parameters are there
          seen->reports.push_back(x);
        return seen->instruction;
      },
      [=](check_atom) {
        REQUIRE(seen->late_welcome);
        seen->late_welcome->deliver(make_error(ec::not_permitted));
      },
  };
}

/// A worker whose neighbours answer as the test says.
struct worker_fixture {
  virtual_time world;
  std::shared_ptr<neighbours> seen = std::make_shared<neighbours>();
  scheduler_actor boss;
  bool recovers = false;
  double momentum = 0;
  std::uint64_t shard_size = 4;
  std::string kind = "softmax";
  std::shared_ptr<const learning::train_and_test> data = tiny_data();

  worker_actor start(const sync::options& policy, const worker_group& group) {
    const auto ranges = plan_shards(tiny_parameters, shard_size);
    std::vector<shard_actor> shards;
    shards.reserve(ranges.size());
    for (const auto& range : ranges)
      shards.push_back(world.own(spawn_mock(
          world.system, mock_shard, static_cast<shard_id>(shards.size()), range.size, seen)));
    boss = world.own(spawn_mock(world.system, mock_scheduler, seen));
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
                    learning::optimizer{optimizer, tiny_parameters},
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

inline sync::options tap() {
  sync::options x;
  x.policy = sync::policy_kind::tap;
  return x;
}

inline worker_group steps_of(double seconds) {
  worker_group x;
  x.step_seconds = seconds;
  return x;
}

} // namespace adsp::test
