// A worker's copy of the model: a flat vector that training changes, and the blocks last received
// from the shards. The update to commit is the difference of the two.
#pragma once

#include "actors/plan/job.hpp"
#include "actors/worker/local_copy.hpp"
#include "actors/worker/update_encoder.hpp"
#include "messages/blocks/buffer_pool.hpp"
#include "messages/blocks/encoded_block.hpp"
#include "messages/blocks/parameter_block.hpp"

#include <Eigen/Core>

#include <optional>
#include <span>
#include <vector>

namespace adsp {

class replica final : public local_copy {
public:
  explicit replica(std::vector<shard_range> shards, encoding commits = {});

  std::size_t shard_count() const override { return shards_.size(); }

  /// All parameters, in order; training writes here.
  std::span<float> parameters() { return {local_.data(), size()}; }

  /// Bytes of a commit and of a pull of the whole model.
  std::uint64_t commit_bytes() const { return commit_bytes_; }
  std::uint64_t pull_bytes(bool fp16) const { return size() * (fp16 ? 2 : sizeof(float)); }

  /// U = base - local of one shard: the sum of eta' g over the steps since the base was set,
  /// encoded together with the residual of earlier encodings of this shard. Nothing if it is not
  /// finite; the residual is then unusable. The base must have been set. `merged`: the answer will
  /// be passed to `merge`.
  std::optional<encoded_block> update(std::size_t shard, bool merged = false) override;

  /// Whether the block has the shard's length and a format in which shards send parameters.
  bool accepts(std::size_t shard, const encoded_block& values) const override;

  /// Takes a fresh block, decoded, as the local copy and as the base of the next update.
  /// False, and nothing changes, if it is not acceptable.
  bool refresh(std::size_t shard, const encoded_block& values) override;

  /// The same without losing the steps made since the last `update`, made with `merged`: local =
  /// fresh + (local - (base - U)). U is the update before encoding. What the encoding lost is in
  /// the residual and goes with the next update; it must not be in `local` as well, or it would be
  /// committed twice.
  bool merge(std::size_t shard, const encoded_block& values) override;

  /// Makes the local copy of the last `update` the base of the next one, after a commit that brought
  /// no fresh block. Without `merged` no step has been made since.
  void rebase() override;

  /// Clears the encodings' residuals, which belong to parameters that have been given up.
  void forget_residuals() override;

  /// What encodings of one shard's updates have lost so far, empty with fp32: decoded commits +
  /// residual = sum of the updates.
  std::span<const float> residual(std::size_t shard) const;

private:
  std::size_t size() const { return static_cast<std::size_t>(local_.size()); }
  std::span<float> local(std::size_t shard);
  /// A buffer of the shard's length, reused once its contents have been released.
  std::shared_ptr<parameter_buffer> take_buffer(std::size_t shard);
  /// The parameters of an acceptable block; an fp32 block is not copied.
  std::optional<parameter_block> opened(std::size_t shard, const encoded_block& values);
  std::optional<parameter_block> difference(std::size_t shard);

  std::vector<shard_range> shards_;
  Eigen::VectorXf local_;
  std::vector<parameter_block> base_;
  std::vector<parameter_block> committed_; ///< U of the updates whose answers will be merged
  std::vector<buffer_pool> buffers_;       ///< for each shard's updates in flight and bases
  std::optional<update_encoder> encoder_;  ///< none with fp32
  std::uint64_t commit_bytes_ = 0;
};

} // namespace adsp
