#include "actors/server/parameter_store.hpp"

#include "messages/blocks/wire_codec.hpp"

#include <algorithm>
#include <utility>

namespace adsp {

namespace {

/// Steps of an update. More are nonsense, and their weight might not be finite.
constexpr std::uint64_t most_steps = std::uint64_t{1} << 31U;

/// Why an encoded update may not be applied: not_finite, bad_bytes; nothing when it may.
caf::error objection_to(const encoded_block& update) {
  switch (check_contents(update)) {
  case contents::sound:
    return caf::none;
  case contents::misplaced:
    return make_error(ec::bad_bytes,
                      "places of an update do not increase below " + std::to_string(update.size()));
  case contents::not_finite:
    break;
  }
  return make_error(ec::not_finite);
}

} // namespace

parameter_store::parameter_store(shard_id shard, std::span<const float> initial,
                                 const sync::commit_rule& rule)
    : shard_{shard}, rate_{0, rule.eta}, applier_{make_applier(rule, initial.size())},
      pool_{initial.size(),
            buffer_pool::usual_capacity + (applier_->reads_base() ? base_history::capacity : 0)},
      current_{pool_.take()}, kept_{current_}, fp16_memory_{floats_for(encoded_bytes(
                                                   {wire_format::fp16}, initial.size()))} {
  by_round_ = applier_->collects() && sync::moves_by_round(rule.kind);
  barrier_ = rule.barrier;
  std::ranges::copy(initial, current_->values().begin());
  offer_base();
}

caf::error parameter_store::apply(const push& commit) {
  if (commit.shard != shard_)
    return make_error(ec::wrong_shard, "this is shard " + std::to_string(shard_) + ", not " +
                                           std::to_string(commit.shard));
  if (commit.update.size() != current_->size())
    return make_error(ec::wrong_size, "shard " + std::to_string(shard_) + " owns " +
                                          std::to_string(current_->size()) +
                                          " parameters, the update has " +
                                          std::to_string(commit.update.size()));
  if (commit.steps > most_steps)
    return make_error(ec::wrong_size, "an update of " + std::to_string(commit.steps) + " steps");
  auto& last = applied_[commit.id.worker];
  if (commit.id.sequence <= last)
    return caf::none;
  if (commit.generation < generation_)
    return caf::none;
  // Encoded updates are checked first; those of fp32, which are larger, in the pass that applies
  // them.
  if (commit.update.format() != wire_format::fp32)
    if (auto error = objection_to(commit.update))
      return error;
  if (!move_by(commit))
    return make_error(ec::not_finite, "from worker " + std::to_string(commit.id.worker));
  last = commit.id.sequence;
  if (by_round_) {
    pending_ = true;
    if (commit.pull)
      held_.insert(commit.id.worker);
  } else if (!applier_->collects()) {
    ++version_;
    offer_base();
  } else if (applier_->full()) {
    move_by_collected();
  }
  return caf::none;
}

bool parameter_store::move_by(const push& commit) {
  const auto& update = commit.update;
  if (applier_->collects())
    return applier_->apply({.update = update,
                            .steps = commit.steps,
                            .staleness = version_ - std::min(version_, commit.base)});
  const auto eta = static_cast<float>(rate_.eta);
  const std::span<const float> from = current_->values();
  if (applier_->in_place() && sole_owner(current_))
    return applier_->apply({update, eta, from, {}, current_->values()});
  const auto start =
      applier_->reads_base() ? bases_.at(commit.base).values() : std::span<const float>{};
  auto next = pool_.take();
  const bool finite = applier_->apply({update, eta, from, start, next->values()});
  if (finite)
    replace(std::move(next));
  else
    pool_.retire(std::move(next));
  return finite;
}

bool parameter_store::close(std::uint64_t round) {
  if (round <= closed_)
    return false;
  closed_ = round;
  held_.clear();
  if (std::exchange(pending_, false))
    move_by_collected();
  return true;
}

void parameter_store::move_by_collected() {
  auto next = pool_.take();
  applier_->close(static_cast<float>(rate_.eta), current_->values(), next->values());
  replace(std::move(next));
  ++version_;
}

bool parameter_store::enter(std::uint64_t round) {
  if (round != round_ + 1)
    return false;
  const bool closed = by_round_ && barrier_ && close(round - 1);
  round_ = round;
  round_start_ = current_;
  round_version_ = version_;
  return closed;
}

encoded_block parameter_store::fp16_snapshot(std::uint64_t round) {
  if (fp16_.empty() || fp16_version_ != version(round)) {
    fp16_ = as_fp16(holds(round) ? *round_start_ : *current_);
    fp16_version_ = version(round);
  }
  return fp16_;
}

encoded_block parameter_store::answer(bool fp16) {
  if (!applier_->looks_ahead())
    return fp16 ? fp16_snapshot() : encoded_block{snapshot()};
  auto ahead = pool_.take();
  applier_->look_ahead(static_cast<float>(rate_.eta), current_->values(), ahead->values());
  pool_.retire(ahead);
  return fp16 ? as_fp16(*ahead) : encoded_block{parameter_block{std::move(ahead)}};
}

encoded_block parameter_store::as_fp16(const parameter_buffer& from) {
  const auto size = from.size();
  auto buffer = fp16_memory_.take();
  encode_fp16(from.values(), reinterpret_cast<std::uint16_t*>(buffer->values().data()));
  fp16_memory_.retire(buffer);
  return {wire_format::fp16, size, encoded_bytes({wire_format::fp16}, size),
          parameter_block{std::move(buffer)}};
}

void parameter_store::replace(std::shared_ptr<parameter_buffer> next) {
  std::swap(current_, next);
  pool_.retire(std::move(next));
}

void parameter_store::offer_base() {
  if (applier_->reads_base())
    bases_.offer(version_, current_);
}

void parameter_store::set_rate(const server_rate& rate) {
  if (rate.revision <= rate_.revision)
    return;
  rate_ = rate;
  bases_.set_workers(rate.workers);
  applier_->set_workers(rate.workers);
}

parameter_block parameter_store::candidate() {
  candidate_ = current_;
  return snapshot();
}

void parameter_store::keep() {
  if (candidate_)
    kept_ = std::move(candidate_);
}

bool parameter_store::restore(std::uint32_t generation) {
  if (generation <= generation_)
    return false;
  generation_ = generation;
  candidate_.reset();
  round_start_.reset();
  // kept_ holds a reference, so the next commit writes elsewhere.
  replace(kept_);
  applier_->reset();
  held_.clear();
  pending_ = false;
  ++version_;
  bases_.clear();
  offer_base();
  return true;
}

} // namespace adsp
