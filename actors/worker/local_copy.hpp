// A worker's parameters, shard by shard, as used by its exchanges with the shards.
#pragma once

#include "messages/blocks/encoded_block.hpp"

#include <cstddef>
#include <optional>

namespace adsp {

class local_copy {
public:
  virtual ~local_copy() = default;

  virtual std::size_t shard_count() const = 0;

  /// U = base - local of one shard, encoded; nothing if it is not finite. `merged`: the answer will
  /// be passed to `merge`.
  virtual std::optional<encoded_block> update(std::size_t shard, bool merged) = 0;

  /// Whether `refresh` and `merge` of this shard accept the block `values`.
  virtual bool accepts(std::size_t shard, const encoded_block& values) const = 0;

  /// Takes a fresh block as the local copy and as the base of the next update. False, and nothing
  /// changes, if the block is not acceptable.
  virtual bool refresh(std::size_t shard, const encoded_block& values) = 0;

  /// The same, without losing the steps made since the last `update`, made with `merged`.
  virtual bool merge(std::size_t shard, const encoded_block& values) = 0;

  /// Makes the local copy of the last `update` the base of the next one, after a commit that brought
  /// no fresh block. Without `merged` no step has been made since.
  virtual void rebase() = 0;

  /// Clears the encodings' residuals, which belong to parameters that have been given up.
  virtual void forget_residuals() = 0;
};

} // namespace adsp
