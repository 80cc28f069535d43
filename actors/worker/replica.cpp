#include "actors/worker/replica.hpp"

#include "messages/blocks/finite.hpp"
#include "messages/blocks/wire_codec.hpp"

#include <algorithm>
#include <functional>
#include <utility>

namespace adsp {

replica::replica(std::vector<shard_range> shards, encoding commits)
    : shards_{std::move(shards)}, base_(shards_.size()), committed_(shards_.size()) {
  std::uint64_t size = 0;
  for (const auto& shard : shards_) {
    size += shard.size;
    commit_bytes_ += encoded_bytes(commits, shard.size);
    buffers_.emplace_back(shard.size);
  }
  local_ = Eigen::VectorXf::Zero(static_cast<Eigen::Index>(size));
  if (commits.format != wire_format::fp32)
    encoder_.emplace(commits, shards_);
}

std::span<float> replica::local(std::size_t shard) {
  return parameters().subspan(shards_[shard].first, shards_[shard].size);
}

std::shared_ptr<parameter_buffer> replica::take_buffer(std::size_t shard) {
  auto buffer = buffers_[shard].take();
  buffers_[shard].retire(buffer);
  return buffer;
}

std::optional<parameter_block> replica::difference(std::size_t shard) {
  auto buffer = take_buffer(shard);
  const float* __restrict base = base_[shard].values().data();
  const float* __restrict now = local(shard).data();
  float* __restrict update = buffer->values().data();
  finite_check check;
  for (std::size_t i = 0; i < shards_[shard].size; ++i) {
    update[i] = base[i] - now[i];
    check.see(update[i]);
  }
  if (!check.passed())
    return std::nullopt;
  return parameter_block{std::move(buffer)};
}

std::optional<encoded_block> replica::update(std::size_t shard, bool merged) {
  if (!encoder_) {
    auto made = difference(shard);
    if (!made)
      return std::nullopt;
    if (merged)
      committed_[shard] = *made;
    return encoded_block{std::move(*made)};
  }
  auto exact = merged ? take_buffer(shard) : nullptr;
  auto made = encoder_->encode(shard, base_[shard].values(), local(shard),
                               exact ? exact->values() : std::span<float>{});
  if (made && merged)
    committed_[shard] = parameter_block{std::move(exact)};
  return made;
}

bool replica::accepts(std::size_t shard, const encoded_block& values) const {
  return values.size() == shards_[shard].size &&
         (values.format() == wire_format::fp32 || values.format() == wire_format::fp16);
}

std::optional<parameter_block> replica::opened(std::size_t shard, const encoded_block& values) {
  if (!accepts(shard, values))
    return std::nullopt;
  if (values.format() == wire_format::fp32)
    return values.plain();
  auto buffer = take_buffer(shard);
  decode(values, buffer->values());
  return parameter_block{std::move(buffer)};
}

bool replica::refresh(std::size_t shard, const encoded_block& values) {
  auto fresh = opened(shard, values);
  if (!fresh)
    return false;
  std::ranges::copy(fresh->values(), local(shard).begin());
  base_[shard] = std::move(*fresh);
  committed_[shard] = {};
  return true;
}

bool replica::merge(std::size_t shard, const encoded_block& values) {
  auto opened_values = opened(shard, values);
  if (!opened_values || committed_[shard].empty())
    return false;
  const float* __restrict fresh = opened_values->values().data();
  const float* __restrict base = base_[shard].values().data();
  const float* __restrict update = committed_[shard].values().data();
  float* __restrict now = local(shard).data();
  for (std::size_t i = 0; i < shards_[shard].size; ++i)
    now[i] = fresh[i] + (now[i] - (base[i] - update[i]));
  base_[shard] = std::move(*opened_values);
  committed_[shard] = {};
  return true;
}

void replica::rebase() {
  for (std::size_t shard = 0; shard < shards_.size(); ++shard) {
    auto next = take_buffer(shard);
    const auto committed = std::exchange(committed_[shard], {});
    if (committed.empty())
      std::ranges::copy(local(shard), next->values().begin());
    else
      std::ranges::transform(base_[shard].values(), committed.values(), next->values().begin(),
                             std::minus{});
    base_[shard] = parameter_block{std::move(next)};
  }
}

void replica::forget_residuals() {
  if (encoder_)
    encoder_->forget();
}

std::span<const float> replica::residual(std::size_t shard) const {
  return encoder_ ? encoder_->residual(shard) : std::span<const float>{};
}

} // namespace adsp
