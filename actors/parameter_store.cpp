#include "actors/parameter_store.hpp"

#include "actors/finite.hpp"

#include <algorithm>
#include <utility>

namespace adsp {

namespace {

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

} // namespace

parameter_store::parameter_store(shard_id shard, std::span<const float> initial, double eta,
                                 double momentum)
    : shard_{shard}, rate_{0, eta}, momentum_{static_cast<float>(momentum)}, pool_{initial.size()},
      current_{pool_.take()}, kept_{current_}, velocity_(momentum > 0 ? initial.size() : 0) {
  std::ranges::copy(initial, current_->values().begin());
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
  if (x.id.incarnation < last.incarnation)
    return make_error(ec::stale_incarnation, "worker " + std::to_string(x.id.worker));
  if (x.id.incarnation == last.incarnation && x.id.sequence <= last.sequence)
    return caf::none;
  if (x.generation < generation_)
    return caf::none;
  const auto update = x.update.values();
  if (!(velocity_.empty() ? subtract(update) : subtract_with_momentum(update)))
    return make_error(ec::not_finite, "from worker " + std::to_string(x.id.worker));
  last = {x.id.incarnation, x.id.sequence};
  ++version_;
  return caf::none;
}

bool parameter_store::subtract(std::span<const float> update) {
  const auto eta = static_cast<float>(rate_.eta);
  if (sole_owner(current_)) {
    if (!all_finite(update))
      return false;
    float* __restrict w = current_->values().data();
    const float* __restrict u = update.data();
    for (std::size_t i = 0; i < update.size(); ++i)
      w[i] -= eta * u[i];
    return true;
  }
  auto target = pool_.take();
  const bool finite = subtract_into(target->values(), current_->values(), eta, update);
  if (finite)
    replace(std::move(target));
  else
    pool_.retire(std::move(target));
  return finite;
}

bool parameter_store::subtract_with_momentum(std::span<const float> update) {
  if (!all_finite(update))
    return false;
  const auto eta = static_cast<float>(rate_.eta);
  auto target = pool_.take();
  float* __restrict result = target->values().data();
  const float* __restrict w = current_->values().data();
  const float* __restrict u = update.data();
  float* __restrict v = velocity_.data();
  for (std::size_t i = 0; i < update.size(); ++i) {
    v[i] = momentum_ * v[i] + eta * u[i];
    result[i] = w[i] - v[i];
  }
  replace(std::move(target));
  return true;
}

void parameter_store::replace(std::shared_ptr<parameter_buffer> next) {
  std::swap(current_, next);
  pool_.retire(std::move(next));
}

void parameter_store::set_rate(const server_rate& x) {
  if (x.revision > rate_.revision)
    rate_ = x;
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
  // kept_ keeps its reference, so the next commit writes elsewhere.
  replace(kept_);
  std::ranges::fill(velocity_, 0.0F);
  ++version_;
}

} // namespace adsp
