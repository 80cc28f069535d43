#include "actors/scheduler/ending.hpp"

#include <utility>

namespace adsp {

namespace {

/// Timers may fire a little early, because times in seconds are rounded.
constexpr sync::seconds rounding = 1e-3;

} // namespace

// -- phases ---------------------------------------------------------------------------------------

void ending::begin(end_cause cause, remains left) {
  if (begun())
    return;
  cause_ = std::move(cause);
  workers_ = roll_call{std::move(left.workers)};
  training_evaluation_ = left.evaluating && !evaluator_lost_;
  measured_ = left.measured;
  if (shard_lost_)
    fail(*shard_lost_);
  enter(phase::asking_workers);
  if (workers_.complete())
    workers_complete();
}

void ending::enter(phase stage) {
  phase_ = stage;
  given_ = 0;
  tell_at_ = sync::never;
}

void ending::workers_complete() {
  if (shard_lost_) {
    fetch_measured();
    return;
  }
  if (cause_.diverged) {
    restore_due_ = true;
  } else if (cause_.reason == end_reason::interrupted || cause_.reason == end_reason::failed) {
    fetch();
    return;
  }
  if (training_evaluation_)
    enter(phase::awaiting_evaluation);
  else
    evaluate();
}

void ending::training_evaluation_over() {
  training_evaluation_ = false;
  if (phase_ == phase::awaiting_evaluation)
    evaluate();
}

void ending::evaluate() {
  enter(phase::evaluating);
  if (evaluator_lost_)
    evaluation_failed(*evaluator_lost_);
}

void ending::fetch() {
  if (measured_ && averages_)
    fetch_measured();
  else
    fetch_shards();
}

void ending::fetch_measured() {
  parameters_.clear();
  enter(phase::fetching_measured);
  if (evaluator_lost_)
    nothing_measured();
}

void ending::fetch_shards() {
  enter(phase::fetching_shards);
  parameters_.assign(shards_, {});
  for (std::size_t shard = 0; shard < shards_; ++shard)
    awaited_shards_.insert(static_cast<shard_id>(shard));
  if (awaited_shards_.empty())
    enter(phase::concluded);
}

void ending::nothing_measured() {
  if (shard_lost_)
    enter(phase::concluded);
  else
    fetch_shards();
}

void ending::fail(std::string text) {
  if (std::exchange(cause_.reason, end_reason::failed) != end_reason::failed)
    cause_.text = std::move(text);
}

// -- what to do -----------------------------------------------------------------------------------

std::optional<end_action> ending::next(sync::seconds now) {
  using kind = end_action::kind;
  if (std::exchange(restore_due_, false))
    return end_action{kind::restore};
  const auto once = [this](kind what) -> std::optional<end_action> {
    if (given_++ > 0)
      return std::nullopt;
    return end_action{what};
  };
  switch (phase_) {
  case phase::training:
  case phase::awaiting_evaluation:
    return std::nullopt;
  case phase::asking_workers: {
    const auto who = workers_.next();
    if (!who)
      return std::nullopt;
    if (given_++ == 0)
      tell_at_ = now + quiet_wait;
    return end_action{kind::ask_worker, *who};
  }
  case phase::evaluating:
    return once(kind::evaluate);
  case phase::fetching_measured:
    return once(kind::fetch_measured);
  case phase::fetching_shards:
    if (given_ == shards_)
      return std::nullopt;
    if (given_ == 0)
      tell_at_ = now + quiet_wait;
    return end_action{kind::fetch_shard, static_cast<shard_id>(given_++)};
  case phase::concluded:
    return once(kind::conclude);
  }
  return std::nullopt;
}

std::optional<end_wait> ending::awaited(sync::seconds now) {
  if (now + rounding < tell_at_)
    return std::nullopt;
  tell_at_ = sync::never;
  if (phase_ == phase::asking_workers)
    return end_wait{workers_.missing(), workers_.first_missing(), 0};
  return end_wait{0, 0, awaited_shards_.size()};
}

// -- what happens ---------------------------------------------------------------------------------

void ending::worker_done(sync::worker_id who) {
  if (phase_ != phase::asking_workers)
    return;
  workers_.strike_off(who);
  if (workers_.complete())
    workers_complete();
}

void ending::training_evaluated() {
  measured_ = true;
  training_evaluation_over();
}

void ending::training_evaluation_failed() {
  training_evaluation_over();
}

bool ending::evaluated() {
  if (phase_ != phase::evaluating)
    return false;
  measured_ = true;
  fetch();
  return true;
}

void ending::evaluation_failed(const std::string& why) {
  if (phase_ != phase::evaluating)
    return;
  fail("the final evaluation has failed: " + why);
  fetch_shards();
}

void ending::shard_answered(shard_id shard, parameter_block values) {
  if (phase_ != phase::fetching_shards || awaited_shards_.erase(shard) == 0)
    return;
  parameters_[shard] = std::move(values);
  if (awaited_shards_.empty())
    enter(phase::concluded);
}

void ending::shard_lost(const std::string& text) {
  if (concluded() || shard_lost_)
    return;
  shard_lost_ = text;
  if (!begun())
    return;
  fail(text);
  if (phase_ != phase::asking_workers && phase_ != phase::fetching_measured)
    fetch_measured();
}

void ending::measured_answered(const parameter_block& values) {
  if (phase_ != phase::fetching_measured)
    return;
  if (values.empty()) {
    nothing_measured();
    return;
  }
  parameters_ = {values};
  if (shard_lost_)
    cause_.text += "; the model is the one measured last";
  enter(phase::concluded);
}

void ending::evaluator_lost(const std::string& why) {
  if (evaluator_lost_)
    return;
  evaluator_lost_ = why;
  training_evaluation_over();
  if (phase_ == phase::evaluating)
    evaluation_failed(why);
  else if (phase_ == phase::fetching_measured)
    nothing_measured();
}

} // namespace adsp
