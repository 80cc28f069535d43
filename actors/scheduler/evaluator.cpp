#include "actors/scheduler/evaluator.hpp"

#include "actors/plan/defaults.hpp"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

namespace adsp {

namespace {

/// Samples of one slice: a few milliseconds of work, so that the actor's thread is soon free again.
constexpr std::size_t slice_size = 500;

} // namespace

caf::result<evaluation> evaluator_state::begin() {
  if (running)
    return make_error(ec::busy, "an evaluation");
  running = true;
  ++evaluations;
  promise = self->make_response_promise<evaluation>();
  blocks.assign(setup->shards.size(), {});
  missing = blocks.size();
  version = std::numeric_limits<std::uint64_t>::max();
  for (shard_id shard = 0; shard < blocks.size(); ++shard)
    pull_shard(shard, 1);
  return promise;
}

void evaluator_state::pull_shard(shard_id shard, int attempt) {
  self->request(setup->shards[shard], defaults::shard_timeout, pull{shard, true})
      .then(
          [this, number = evaluations, shard](const fresh& answer) { take(number, shard, answer); },
          [this, number = evaluations, shard, attempt](const caf::error& why) {
            if (!is_current(number))
              return;
            if (why == caf::sec::request_timeout && attempt < defaults::shard_attempts)
              pull_shard(shard, attempt + 1);
            else
              fail(make_error(ec::shard_lost, to_text(why)));
          });
}

void evaluator_state::take(std::uint64_t number, shard_id shard, const fresh& answer) {
  if (!is_current(number))
    return;
  if (answer.shard != shard) {
    fail(make_error(ec::wrong_shard, "shard " + std::to_string(shard) + " answered as shard " +
                                         std::to_string(answer.shard)));
    return;
  }
  blocks[shard] = answer.values.plain();
  version = std::min(version, answer.version);
  if (answer.generation > generation) {
    generation = answer.generation;
    average.restart();
  }
  if (--missing > 0)
    return;
  parameters.clear();
  for (const auto& block : blocks)
    parameters.insert(parameters.end(), block.values().begin(), block.values().end());
  blocks.clear();
  if (parameters.size() != setup->model->parameter_count()) {
    fail(make_error(ec::wrong_size, "the shards hold " + std::to_string(parameters.size()) +
                                        " parameters, the model has " +
                                        std::to_string(setup->model->parameter_count())));
    return;
  }
  if (setup->averages)
    average.add(parameters);
  sums = {};
  position = 0;
  self->send(evaluator_actor{self}, slice_atom::value);
}

void evaluator_state::evaluate_slice() {
  if (!running)
    return;
  const auto count = std::min(slice_size, setup->data->size() - position);
  sums += learning::evaluate_range(*setup->model, parameters, *setup->data, position, count, slice);
  position += count;
  if (position < setup->data->size())
    self->send(evaluator_actor{self}, slice_atom::value);
  else
    finish();
}

void evaluator_state::finish() {
  running = false;
  measured.swap(parameters);
  const auto samples = static_cast<double>(std::max<std::uint64_t>(1, sums.samples));
  // Predictions of a regression or of a quadratic are neither right nor wrong.
  const auto accuracy = setup->data->classes > 1 ? static_cast<double>(sums.correct) / samples
                                                 : std::numeric_limits<double>::quiet_NaN();
  promise.deliver(evaluation{sums.loss / samples, accuracy, version});
}

void evaluator_state::fail(caf::error why) {
  if (std::exchange(running, false))
    promise.deliver(std::move(why));
}

evaluator_actor::behavior_type evaluator(evaluator_actor::stateful_pointer<evaluator_state> self,
                                         std::shared_ptr<evaluator_setup> setup) {
  self->state.setup = std::move(setup);
  return {
      [self](evaluate_atom) { return self->state.begin(); },
      [self](slice_atom) { self->state.evaluate_slice(); },
      [self](result_atom) {
        const auto& last = self->state.measured;
        return last.empty() ? parameter_block{} : copy_of(last);
      },
  };
}

} // namespace adsp
