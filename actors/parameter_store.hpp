// The parameters of one shard: applies each commit once and hands out snapshots without copying.
#pragma once

#include "actors/buffer_pool.hpp"
#include "messages/errors.hpp"
#include "messages/types.hpp"

#include <memory>
#include <unordered_map>

namespace adsp {

class parameter_store {
public:
  /// Starts from a copy of `initial`.
  parameter_store(shard_id shard, std::span<const float> initial, double eta);

  /// W <- W - eta U, once per commit id: the ids of one worker's incarnation grow, so whatever is not
  /// above the last one applied has been applied before. Nothing changes on an error.
  /// Errors: wrong_shard, wrong_size, not_finite, stale_incarnation.
  caf::error apply(const push& x);

  /// The current parameters. A later commit leaves them as they are: it writes elsewhere while
  /// anybody still holds the block.
  parameter_block snapshot() const { return parameter_block{current_}; }

  void set_rate(const server_rate& x);

  shard_id shard() const { return shard_; }
  std::uint64_t version() const { return version_; }

private:
  struct applied {
    std::uint32_t incarnation = 0;
    std::uint64_t sequence = 0;
  };

  /// Moves the parameters. False, and nothing changes, when the update is not finite.
  bool subtract(std::span<const float> update);

  shard_id shard_;
  std::uint64_t version_ = 0;
  server_rate rate_;
  buffer_pool pool_;
  std::shared_ptr<parameter_buffer> current_;
  std::unordered_map<worker_id, applied> applied_;
};

} // namespace adsp
