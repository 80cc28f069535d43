// The arithmetic of a commit rule: what a commit makes of a shard's parameters, with what the rule
// keeps between two commits. It knows no ids, versions or buffers: those are the store's.
#pragma once

#include "messages/blocks/encoded_block.hpp"
#include "messages/blocks/parameter_block.hpp"
#include "sync/commit_rule.hpp"

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

namespace adsp {

/// One commit to apply. All runs are as long as the shard.
struct commit_step {
  /// Sound (`check_contents`), but for fp32, which the applier itself looks through in its pass.
  const encoded_block& update;
  float eta = 1;
  std::span<const float> from; ///< the current parameters
  std::span<const float> base; ///< the state that the update started from; only if `reads_base`
  std::span<float> to; ///< the next parameters; the same memory as `from` only if `in_place`
};

class commit_applier {
public:
  virtual ~commit_applier() = default;

  virtual bool reads_base() const { return false; }
  virtual bool in_place() const { return false; }

  /// One pass over the parameters. False when the update is not finite: what the rule keeps is
  /// then as it was, and `to` is as it was in place, useless otherwise.
  virtual bool apply(const commit_step& step) = 0;

  /// The parameters are about to be others: forgets what is kept.
  virtual void reset() {}

  /// A copy of what is kept, blocks of the shard's length; for a checkpoint.
  virtual std::vector<parameter_block> save() const { return {}; }

  /// Takes up what `save` gave under the same rule. False, and nothing changes, when the number or
  /// the lengths of the blocks are others.
  virtual bool load(std::span<const parameter_block> kept) { return kept.empty(); }
};

/// For a shard of `size` parameters:
///   V <- momentum V + eta U, W <- W - V        with momentum;
///   W <- W - eta (U + kappa (W - B))           damped, B the state of the update's base;
///   W <- W - eta U                             otherwise.
std::unique_ptr<commit_applier> make_applier(const sync::commit_rule& rule, std::size_t size);

} // namespace adsp
