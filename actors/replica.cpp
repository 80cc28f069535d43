#include "actors/replica.hpp"

#include "actors/finite.hpp"

#include <algorithm>
#include <utility>

namespace adsp {

replica::replica(std::vector<shard_range> shards)
    : shards_{std::move(shards)}, base_(shards_.size()) {
  std::uint64_t size = 0;
  for (const auto& shard : shards_) {
    size += shard.size;
    updates_.emplace_back(shard.size);
  }
  local_ = Eigen::VectorXf::Zero(static_cast<Eigen::Index>(size));
}

std::span<float> replica::local(std::size_t shard) {
  return parameters().subspan(shards_[shard].first, shards_[shard].size);
}

std::optional<parameter_block> replica::update(std::size_t shard) {
  auto buffer = updates_[shard].take();
  const float* __restrict base = base_[shard].values().data();
  const float* __restrict now = local(shard).data();
  float* __restrict difference = buffer->values().data();
  finite_check check;
  for (std::size_t i = 0; i < shards_[shard].size; ++i) {
    difference[i] = base[i] - now[i];
    check.see(difference[i]);
  }
  updates_[shard].retire(buffer);
  if (!check.passed())
    return std::nullopt;
  return parameter_block{std::move(buffer)};
}

bool replica::refresh(std::size_t shard, parameter_block values) {
  if (values.size() != shards_[shard].size)
    return false;
  std::ranges::copy(values.values(), local(shard).begin());
  base_[shard] = std::move(values);
  return true;
}

bool replica::merge(std::size_t shard, parameter_block values, const parameter_block& committed) {
  const auto size = shards_[shard].size;
  if (values.size() != size || committed.size() != size)
    return false;
  const float* __restrict fresh = values.values().data();
  const float* __restrict base = base_[shard].values().data();
  const float* __restrict update = committed.values().data();
  float* __restrict now = local(shard).data();
  for (std::size_t i = 0; i < size; ++i)
    now[i] = fresh[i] + (now[i] - (base[i] - update[i]));
  base_[shard] = std::move(values);
  return true;
}

void replica::rebase() {
  for (std::size_t shard = 0; shard < shards_.size(); ++shard)
    base_[shard] = copy_of(local(shard));
}

} // namespace adsp
