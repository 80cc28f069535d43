#include "actors/server/parameter_store.hpp"

#include "messages/blocks/finite.hpp"
#include "messages/blocks/wire_codec.hpp"
#include "sync/damping.hpp"

#include <algorithm>
#include <utility>

namespace adsp {

namespace {

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

/// to = from - eta update, in one pass. False when the update is not finite; `to` is then useless.
bool subtract_into(std::span<float> to, std::span<const float> from, float eta,
                   std::span<const float> update) {
  float* __restrict result = to.data();
  const float* __restrict w = from.data();
  const float* __restrict u = update.data();
  finite_check check;
  for (std::size_t i = 0; i < update.size(); ++i) {
    result[i] = w[i] - eta * u[i];
    check.see(u[i]);
  }
  return check.passed();
}

/// to = from - eta (update + kappa (from - base)), likewise.
bool subtract_damped(std::span<float> to, std::span<const float> from, std::span<const float> base,
                     float eta, std::span<const float> update) {
  float* __restrict result = to.data();
  const float* w = from.data();
  const float* b = base.data(); // may be w
  const float* __restrict u = update.data();
  finite_check check;
  for (std::size_t i = 0; i < update.size(); ++i) {
    result[i] = w[i] - eta * (u[i] + sync::damping * (w[i] - b[i]));
    check.see(u[i]);
  }
  return check.passed();
}

} // namespace

parameter_store::parameter_store(shard_id shard, std::span<const float> initial, double eta,
                                 double momentum, bool damped)
    : shard_{shard}, rate_{0, eta}, momentum_{static_cast<float>(momentum)},
      pool_{initial.size(), buffer_pool::usual_capacity + (damped ? base_history::capacity : 0)},
      current_{pool_.take()}, kept_{current_}, halved_memory_{floats_for(encoded_bytes(
                                                   {wire_format::fp16}, initial.size()))},
      velocity_(momentum > 0 ? initial.size() : 0), damped_{damped} {
  std::ranges::copy(initial, current_->values().begin());
  offer_base();
}

caf::error parameter_store::apply(const push& x) {
  if (x.shard != shard_)
    return make_error(ec::wrong_shard, "this is shard " + std::to_string(shard_) + ", not " +
                                           std::to_string(x.shard));
  if (x.update.size() != current_->size())
    return make_error(ec::wrong_size, "shard " + std::to_string(shard_) + " owns " +
                                          std::to_string(current_->size()) +
                                          " parameters, the update has " +
                                          std::to_string(x.update.size()));
  auto& last = applied_[x.id.worker];
  if (x.id.sequence <= last)
    return caf::none;
  if (x.generation < generation_)
    return caf::none;
  // Encoded updates are looked through before; those of fp32, larger, in the pass that applies
  // them.
  if (x.update.format() != wire_format::fp32)
    if (auto error = objection_to(x.update))
      return error;
  const auto base = damped_ ? bases_.at(x.base).values() : std::span<const float>{};
  if (!(velocity_.empty() ? subtract(x.update, base) : subtract_with_momentum(x.update)))
    return make_error(ec::not_finite, "from worker " + std::to_string(x.id.worker));
  last = x.id.sequence;
  ++version_;
  offer_base();
  return caf::none;
}

bool parameter_store::subtract(const encoded_block& update, std::span<const float> base) {
  if (update.format() == wire_format::topk) {
    subtract_kept(update, base);
    return true;
  }
  const auto eta = static_cast<float>(rate_.eta);
  const auto now = current_->values();
  chunk_reader reader{update};
  std::size_t at = 0;
  if (base.empty() && sole_owner(current_)) {
    if (!all_finite(update.plain().values()))
      return false;
    while (!reader.done()) {
      const auto chunk = reader.next();
      float* __restrict w = now.data() + at;
      const float* __restrict u = chunk.data();
      for (std::size_t i = 0; i < chunk.size(); ++i)
        w[i] -= eta * u[i];
      at += chunk.size();
    }
    return true;
  }
  auto target = pool_.take();
  bool finite = true;
  while (!reader.done()) {
    const auto chunk = reader.next();
    const auto to = target->values().subspan(at);
    finite &= base.empty() ? subtract_into(to, now.subspan(at), eta, chunk)
                           : subtract_damped(to, now.subspan(at), base.subspan(at), eta, chunk);
    at += chunk.size();
  }
  if (finite)
    replace(std::move(target));
  else
    pool_.retire(std::move(target));
  return finite;
}

void parameter_store::subtract_kept(const encoded_block& update, std::span<const float> base) {
  const auto eta = static_cast<float>(rate_.eta);
  if (!base.empty() || !sole_owner(current_)) {
    auto target = pool_.take();
    const auto to = target->values().begin();
    if (base.empty())
      std::ranges::copy(current_->values(), to);
    else
      std::ranges::transform(current_->values(), base, to,
                             [eta](float w, float b) { return w - eta * sync::damping * (w - b); });
    replace(std::move(target));
  }
  const auto w = current_->values();
  const auto values = update.kept_values();
  update.with_places([&](auto places) {
    for (std::size_t i = 0; i < places.size(); ++i)
      w[places[i]] -= eta * values[i];
  });
}

bool parameter_store::subtract_with_momentum(const encoded_block& update) {
  if (!all_finite(update.plain().values()))
    return false;
  const auto eta = static_cast<float>(rate_.eta);
  auto target = pool_.take();
  std::size_t at = 0;
  for (chunk_reader reader{update}; !reader.done();) {
    const auto chunk = reader.next();
    float* __restrict result = target->values().data() + at;
    const float* __restrict w = current_->values().data() + at;
    const float* __restrict u = chunk.data();
    float* __restrict v = velocity_.data() + at;
    for (std::size_t i = 0; i < chunk.size(); ++i) {
      v[i] = momentum_ * v[i] + eta * u[i];
      result[i] = w[i] - v[i];
    }
    at += chunk.size();
  }
  replace(std::move(target));
  return true;
}

void parameter_store::enter(std::uint64_t round) {
  if (round != round_ + 1)
    return;
  round_ = round;
  round_start_ = current_;
  round_version_ = version_;
}

encoded_block parameter_store::halved_snapshot(std::uint64_t round) {
  if (halved_.empty() || halved_version_ != version(round)) {
    const auto& from = holds(round) ? round_start_ : current_;
    const auto size = from->size();
    auto buffer = halved_memory_.take();
    encode_fp16(from->values(), reinterpret_cast<std::uint16_t*>(buffer->values().data()));
    halved_memory_.retire(buffer);
    halved_ = {wire_format::fp16, size, encoded_bytes({wire_format::fp16}, size),
               parameter_block{std::move(buffer)}};
    halved_version_ = version(round);
  }
  return halved_;
}

void parameter_store::replace(std::shared_ptr<parameter_buffer> next) {
  std::swap(current_, next);
  pool_.retire(std::move(next));
}

void parameter_store::offer_base() {
  if (damped_)
    bases_.offer(version_, current_);
}

void parameter_store::set_rate(const server_rate& x) {
  if (x.revision <= rate_.revision)
    return;
  rate_ = x;
  bases_.set_workers(x.workers);
}

parameter_block parameter_store::candidate() {
  candidate_ = current_;
  return snapshot();
}

void parameter_store::keep() {
  if (candidate_)
    kept_ = std::move(candidate_);
}

void parameter_store::restore(std::uint32_t generation) {
  if (generation <= generation_)
    return;
  generation_ = generation;
  candidate_.reset();
  round_start_.reset();
  // kept_ keeps its reference, so the next commit writes elsewhere.
  replace(kept_);
  std::ranges::fill(velocity_, 0.0F);
  ++version_;
  bases_.clear();
  offer_base();
}

} // namespace adsp
