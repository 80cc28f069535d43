// What has happened to a job that ends, seen from outside the `ending`, and what it must have
// saved: the promises of `ending` as a function of the facts, without its phases.
#pragma once

#include "actors/scheduler/ending.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

namespace adsp::test {

/// The block of a shard, or of the evaluator after one of its evaluations: each is different.
inline parameter_block block_of_shard(shard_id shard) {
  return copy_of(std::vector{static_cast<float>(shard)});
}

inline parameter_block block_of_evaluation(std::uint32_t number) {
  return copy_of(std::vector{1000.0f, static_cast<float>(number)});
}

struct end_history {
  bool averages = false;
  end_cause cause = {};
  std::vector<std::string> failures = {}; ///< why the job fails, in the order of time
  bool restored = false;
  bool measured = false;          ///< an evaluation succeeded before the parameters were fetched
  bool evaluation_failed = false; ///< the final one
  bool fetching = false;          ///< the parameters
  bool shard_failed = false;      ///< one is lost, or did not answer in time
  bool evaluator_lost = false;
  bool evaluator_failed = false; ///< it had no block when asked, or did not answer in time
  std::optional<parameter_block> handed_over = {}; ///< by the evaluator
  bool concluded = false;

  void begin(const end_cause& given) {
    cause = given;
    if (cause.reason == end_reason::failed)
      failures.push_back(cause.text);
  }

  void fail(const std::string& why) {
    if (!concluded)
      failures.push_back(why);
  }

  /// The job is to be evaluated at its end.
  bool is_evaluated() const {
    return cause.diverged ||
           (cause.reason != end_reason::interrupted && cause.reason != end_reason::failed);
  }

  /// The block that the evaluator measured is to be saved, if the evaluator hands it over.
  bool wants_measured() const {
    return shard_failed || (averages && measured && !evaluation_failed);
  }

  bool evaluator_can_answer() const { return !evaluator_lost && !evaluator_failed; }

  /// What is saved once nothing more can be had.
  std::vector<parameter_block> parameters(std::size_t shards) const {
    if (wants_measured() && handed_over)
      return {*handed_over};
    std::vector<parameter_block> result;
    for (std::size_t i = 0; i < shards && !shard_failed; ++i)
      result.push_back(block_of_shard(static_cast<shard_id>(i)));
    return result;
  }

  bool is_reason(end_reason reason) const {
    return reason == (failures.empty() ? cause.reason : end_reason::failed);
  }

  /// Whether `text` says why the job ended and, after the loss of a shard, where its model is from.
  bool is_text(const std::string& text) const {
    if (failures.empty())
      return text == cause.text;
    const std::string origin =
        shard_failed && handed_over ? "; the model is the one measured last" : "";
    if (cause.reason == end_reason::failed)
      return text == cause.text + origin;
    return std::ranges::any_of(failures, [&](const auto& why) { return text == why + origin; });
  }
};

} // namespace adsp::test
