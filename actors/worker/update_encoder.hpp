// Encodes a worker's updates with error feedback: what the encoding of an update loses is added to
// the next one, so that nothing is lost for good.
#pragma once

#include "actors/plan/job.hpp"
#include "messages/blocks/buffer_pool.hpp"
#include "messages/blocks/encoded_block.hpp"
#include "messages/blocks/wire_codec.hpp"

#include <optional>
#include <span>
#include <vector>

namespace adsp {

class update_encoder {
public:
  /// `how` must be lossy. Residuals begin at zero.
  update_encoder(encoding how, std::span<const shard_range> shards);

  /// In one pass: encodes wanted = (base - now) + residual; residual = wanted - decoded. base - now
  /// goes to `exact` unless that is empty. Nothing if `wanted` is not finite; the residual is then
  /// unusable until `forget`.
  std::optional<encoded_block> encode(std::size_t shard, std::span<const float> base,
                                      std::span<const float> now, std::span<float> exact);

  /// Sets all residuals to zero.
  void forget();

  std::span<const float> residual(std::size_t shard) const { return parts_[shard].residual; }

private:
  struct part {
    std::vector<float> residual;
    buffer_pool memory; ///< for encoded updates
  };

  /// fp16 and int8; false when not finite.
  bool encode_dense(part& of, std::span<const float> base, std::span<const float> now,
                    std::span<float> exact, parameter_buffer& to) const;
  bool encode_largest(part& of, std::span<const float> base, std::span<const float> now,
                      std::span<float> exact, parameter_buffer& to);

  encoding how_;
  std::vector<part> parts_;
  largest_finder finder_;
};

} // namespace adsp
