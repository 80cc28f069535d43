// A worker's copy of the model: a flat vector that training changes, and the blocks it last got from
// the shards. The update to commit is the difference of the two, so nothing else is kept.
#pragma once

#include "actors/buffer_pool.hpp"
#include "actors/job.hpp"
#include "messages/fetch_ahead.hpp"
#include "messages/parameter_block.hpp"

#include <Eigen/Core>

#include <algorithm>
#include <optional>
#include <span>
#include <vector>

namespace adsp {

class replica {
public:
  explicit replica(std::vector<shard_range> shards);

  /// Brings the first parameters near; the rest follows as it is read.
  void fetch() const {
    fetch_ahead(local_.data(), sizeof(float) * std::min<std::size_t>(bytes() / sizeof(float), 128));
  }

  std::size_t shard_count() const { return shards_.size(); }

  /// All parameters, in order; training writes here.
  std::span<float> parameters() { return {local_.data(), static_cast<std::size_t>(local_.size())}; }

  /// Bytes of one whole set of parameters.
  std::uint64_t bytes() const { return static_cast<std::uint64_t>(local_.size()) * sizeof(float); }

  /// U = base - local of one shard: the sum of eta' g over the steps since the base was set. Nothing
  /// when it is not finite. The base must have been set.
  std::optional<parameter_block> update(std::size_t shard);

  /// Takes a fresh block as the local copy and as the base of the next update.
  /// False, and nothing changes, when its length is not the shard's.
  bool refresh(std::size_t shard, parameter_block values);

  /// The same without losing what was learnt since `committed`, an update of this shard, was made:
  /// local = fresh + (local - (base - committed)).
  bool merge(std::size_t shard, parameter_block values, const parameter_block& committed);

  /// Makes the local copy the base of the next update, after a commit that brought no fresh block.
  void rebase();

private:
  std::span<float> local(std::size_t shard);

  std::vector<shard_range> shards_;
  Eigen::VectorXf local_;
  std::vector<parameter_block> base_;
  std::vector<buffer_pool> updates_; ///< a shard's updates in flight, to be used again
};

} // namespace adsp
