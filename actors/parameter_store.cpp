#include "actors/parameter_store.hpp"

#include <algorithm>
#include <bit>

namespace adsp {

namespace {

/// One pass over the exponents; compiles to a vector maximum.
bool all_finite(std::span<const float> values) {
  std::uint32_t largest = 0;
  for (auto value : values)
    largest = std::max(largest, std::bit_cast<std::uint32_t>(value) & 0x7fffffffu);
  return largest < 0x7f800000u;
}

} // namespace

parameter_store::parameter_store(shard_id shard, std::span<const float> initial, double eta)
    : shard_{shard}, rate_{0, eta}, pool_{initial.size()}, current_{pool_.take()} {
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
  if (!all_finite(x.update.values()))
    return make_error(ec::not_finite, "from worker " + std::to_string(x.id.worker));
  last = {x.id.incarnation, x.id.sequence};
  subtract(x.update.values());
  ++version_;
  return caf::none;
}

void parameter_store::subtract(std::span<const float> update) {
  const auto eta = static_cast<float>(rate_.eta);
  const auto count = update.size();
  const float* __restrict u = update.data();
  if (sole_owner(current_)) {
    float* __restrict w = current_->values().data();
    for (std::size_t i = 0; i < count; ++i)
      w[i] -= eta * u[i];
    return;
  }
  auto target = pool_.take();
  const float* __restrict from = current_->values().data();
  float* __restrict to = target->values().data();
  for (std::size_t i = 0; i < count; ++i)
    to[i] = from[i] - eta * u[i];
  pool_.retire(std::exchange(current_, std::move(target)));
}

void parameter_store::set_rate(const server_rate& x) {
  if (x.revision > rate_.revision)
    rate_ = x;
}

} // namespace adsp
