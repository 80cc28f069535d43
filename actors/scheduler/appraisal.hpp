// Judges a job's evaluations and decides what follows from each. A plain object.
#pragma once

#include "messages/types.hpp"
#include "sync/divergence.hpp"
#include "sync/stop_rule.hpp"

#include <cstdint>
#include <optional>
#include <utility>

namespace adsp {

/// What follows from an evaluation.
enum class verdict : std::uint8_t {
  keep,     ///< the state is one to return to
  go_on,    ///< nothing to do
  go_back,  ///< to the last good state
  diverged, ///< the job ends: it has no state to return to, or has returned in vain
};

/// At most one evaluation is under way, and every return to an earlier state begins a generation.
class appraisal {
public:
  explicit appraisal(const sync::stop_options& targets = {}, bool returns = false)
      : rule_{targets}, returns_{returns} {}

  /// An evaluation begins. False: one is under way.
  bool begin() { return !std::exchange(under_way_, true); }
  /// The evaluation has succeeded, has failed or will not come.
  void over() { under_way_ = false; }
  bool under_way() const { return under_way_; }

  /// Notes an evaluation: `at`, completed with its loss and accuracy. Returns the record to write.
  const evaluation_record& note(const evaluation& measured, const evaluation_record& at);

  verdict judge(const evaluation& measured);
  /// The job is back at the last good state.
  void returned();

  /// Whether the evaluation of time `when` reaches the job's target for the first time.
  bool reaches_target(sync::seconds when, const evaluation& measured) {
    return rule_.evaluated(when, measured.loss, measured.accuracy);
  }

  const evaluation_record& last() const { return last_; }
  std::uint64_t count() const { return count_; }
  std::uint32_t generation() const { return generation_; } ///< returns so far
  double rate_factor() const { return guard_.rate_factor(); }
  sync::seconds time_to_target() const { return rule_.time_to_target().value_or(0); }

private:
  sync::stop_rule rule_;
  sync::divergence_guard guard_;
  bool returns_;
  bool under_way_ = false;
  evaluation_record last_;
  std::uint64_t count_ = 0;
  std::uint32_t generation_ = 0;
};

} // namespace adsp
