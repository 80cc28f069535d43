#include "actors/worker/exchange.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace adsp {

namespace {

/// Updates in a row that may be non-finite before the worker gives up.
constexpr int max_voids_in_a_row = 3;

} // namespace

exchange::exchange(local_copy& copy, exchange_rules rules)
    : copy_{copy}, rules_{rules}, parts_(copy.shard_count()) {}

void exchange::expect(std::uint32_t generation) {
  wanted_ = std::max(wanted_, generation);
}

bool exchange::must_recover() const {
  return !under_way() && (update_void_ || generation_ < wanted_);
}

void exchange::begin(kind what) {
  assert(!under_way());
  kind_ = what;
  ++number_;
  oldest_ = no_answer;
  unanswered_ = parts_.size();
  for (auto& each : parts_) {
    each.attempt = 0;
    each.answered = false;
  }
}

void exchange::begin_pull(std::uint64_t round) {
  round_ = round;
  begin(kind::pull);
}

bool exchange::begin_recovery(std::uint64_t round) {
  if (std::exchange(update_void_, false) && ++voids_in_a_row_ > max_voids_in_a_row)
    return false;
  round_ = round;
  begin(kind::recovery);
  return true;
}

bool exchange::begin_commit(commit_style style, std::uint64_t steps) {
  assert(!under_way());
  rebase_if_stale(); // in case no step has followed a bare commit
  if (!make_updates(style == commit_style::overlapped)) {
    forget_updates();
    update_void_ = rules_.recovers;
    return false;
  }
  for (const auto& each : parts_)
    bytes_ += each.update.byte_count();
  steps_sent_ = steps;
  steps_in_update_ = std::exchange(steps_since_base_, 0);
  held_ = std::numeric_limits<double>::infinity();
  style_ = style;
  ++sequence_;
  begin(kind::commit);
  return true;
}

bool exchange::make_updates(bool merged) {
  for (std::size_t shard = 0; shard < parts_.size(); ++shard) {
    auto update = copy_.update(shard, merged);
    if (!update)
      return false;
    parts_[shard].update = std::move(*update);
  }
  return true;
}

void exchange::forget_updates() {
  for (auto& each : parts_)
    each.update = {};
}

void exchange::forgo_blocks() {
  assert(commits());
  style_ = commit_style::bare;
  for (auto& each : parts_)
    each.answer = {};
}

ticket exchange::ask(shard_id shard) {
  return {number_, shard, ++parts_[shard].attempt};
}

push exchange::push_to(shard_id shard) const {
  const auto& part = parts_[shard];
  return {.id = {.worker = worker_, .sequence = sequence_},
          .shard = shard,
          .pull = fetches(),
          .update = part.update,
          .generation = generation_,
          .fp16 = rules_.fp16_pull,
          .base = part.base_version,
          .steps = steps_in_update_};
}

pull exchange::pull_from(shard_id shard) const {
  return {.shard = shard, .candidate = false, .fp16 = rules_.fp16_pull, .round = round_};
}

bool exchange::awaits(const ticket& asked) const {
  return under_way() && asked.exchange == number_ && asked.shard < parts_.size() &&
         !parts_[asked.shard].answered;
}

reaction exchange::answered(const ticket& asked, const fresh& answer) {
  if (!awaits(asked) || answer.generation < generation_)
    return reaction::wait;
  if (answer.shard != asked.shard || (fetches() && !take(asked.shard, answer)))
    return reaction::give_up;
  oldest_ = std::min(oldest_, answer.generation);
  bytes_ += answer.values.byte_count();
  held_ = std::min(held_, answer.held);
  return settle(parts_[asked.shard]);
}

bool exchange::take(shard_id shard, const fresh& answer) {
  auto& part = parts_[shard];
  if (overlaps()) {
    part.answer = answer.values;
    part.answer_version = answer.version;
    return copy_.accepts(shard, answer.values);
  }
  if (!copy_.refresh(shard, answer.values))
    return false;
  part.base_version = answer.version;
  return true;
}

reaction exchange::settle(shard_part& part) {
  part.answered = true;
  return --unanswered_ == 0 ? reaction::complete : reaction::wait;
}

reaction exchange::failed(const ticket& asked, failure why) {
  if (!awaits(asked))
    return reaction::wait;
  auto& part = parts_[asked.shard];
  if (why == failure::not_finite && rules_.recovers) {
    update_void_ = true;
    oldest_ = std::min(oldest_, generation_); // the shard's block stays
    return settle(part);
  }
  if (why != failure::timed_out)
    return reaction::give_up;
  if (asked.attempt < part.attempt)
    return reaction::wait; // for the answer to the later request
  // A repeated commit does no harm, because the shard knows its id.
  return part.attempt < rules_.attempts ? reaction::ask_again : reaction::give_up;
}

void exchange::merge_answers() {
  for (std::size_t shard = 0; shard < parts_.size(); ++shard) {
    auto& part = parts_[shard];
    // Steps from parameters that the job has given up are not worth keeping.
    if (oldest_ == generation_)
      copy_.merge(shard, part.answer);
    else
      copy_.refresh(shard, part.answer);
    part.base_version = part.answer_version;
  }
}

outcome exchange::finish() {
  assert(under_way() && unanswered_ == 0);
  const bool newer = oldest_ > generation_;
  const bool voided = update_void_ || newer; // if it is a commit
  if (overlaps() && !update_void_)
    merge_answers();
  const bool fetched = fetches();
  stale_base_ = !fetched;
  for (auto& each : parts_)
    each.update = each.answer = {};
  const auto ended = std::exchange(kind_, kind::none);
  if (fetched)
    generation_ = oldest_;
  else
    wanted_ = std::max(wanted_, oldest_); // no answer has brought the blocks of that generation
  if (newer || ended == kind::recovery) {
    copy_.forget_residuals();
    steps_since_base_ = 0;
  }
  switch (ended) {
  case kind::commit:
    if (!voided)
      voids_in_a_row_ = 0;
    return voided ? outcome::voided : outcome::committed;
  case kind::recovery:
    return outcome::recovered;
  default:
    return number_ == 1 ? outcome::first_pull : outcome::pulled;
  }
}

void exchange::prepare_step() {
  rebase_if_stale();
  ++steps_since_base_;
}

void exchange::rebase_if_stale() {
  if (std::exchange(stale_base_, false))
    copy_.rebase();
}

} // namespace adsp
