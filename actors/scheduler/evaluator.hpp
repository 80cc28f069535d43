// The evaluator actor: computes loss and accuracy of the shards' current parameters on held-out
// data, one slice of the data per message.
#pragma once

#include "learning/aligned_vector.hpp"
#include "learning/data/dataset.hpp"
#include "learning/models/model.hpp"
#include "learning/training/iterate_average.hpp"
#include "messages/protocol.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <memory>
#include <vector>

namespace adsp {

struct evaluator_setup {
  std::shared_ptr<const learning::dataset> data; ///< held-out samples
  std::unique_ptr<learning::model> model;
  std::vector<shard_actor> shards; ///< in the order of their parameters
  bool averages = false;           ///< whether it evaluates the average of the states fetched
};

struct evaluator_state {
  static inline const char* name = "evaluator";

  explicit evaluator_state(evaluator_actor::pointer selfptr) : self{selfptr} {}

  caf::result<evaluation> begin();
  void pull_shard(shard_id shard, int attempt);
  /// Takes the answer of `shard` in evaluation `number`.
  void take(std::uint64_t number, shard_id shard, const fresh& answer);
  void evaluate_slice();
  void finish();
  void fail(caf::error why);
  /// Whether evaluation `number` is under way: answers to requests of an earlier one may come late.
  bool is_current(std::uint64_t number) const { return running && number == evaluations; }

  evaluator_actor::pointer self;
  std::shared_ptr<evaluator_setup> setup; ///< shared only because `spawn` copies its arguments
  caf::typed_response_promise<evaluation> promise; ///< pending while an evaluation is under way
  bool running = false;
  std::uint64_t evaluations = 0;              ///< begun so far
  std::vector<parameter_block> blocks;        ///< one for each shard
  std::size_t missing = 0;                    ///< shards that have not answered
  std::uint64_t version = 0;                  ///< the smallest version of the blocks
  learning::aligned_vector<float> parameters; ///< the blocks end to end, to be evaluated
  learning::aligned_vector<float> measured;   ///< those evaluated last; empty before the first
  learning::iterate_average average;
  std::uint32_t generation = 0; ///< the newest generation of the blocks
  learning::minibatch slice;
  std::size_t position = 0; ///< first sample not yet evaluated
  learning::evaluation_sums sums;
};

evaluator_actor::behavior_type evaluator(evaluator_actor::stateful_pointer<evaluator_state> self,
                                         std::shared_ptr<evaluator_setup> setup);

} // namespace adsp
