// The arithmetic of a commit rule: how a commit changes a shard's parameters and the state that the
// rule keeps between commits. It knows no ids, versions or buffers: those belong to the store.
#pragma once

#include "messages/blocks/encoded_block.hpp"
#include "messages/blocks/parameter_block.hpp"
#include "sync/commit_rule.hpp"

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

namespace adsp {

/// One commit to apply. All spans are as long as the shard.
struct commit_step {
  /// Already checked (`check_contents`), except fp32, which the applier checks in its own pass.
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

  /// Makes one pass over the parameters. False if the update is not finite: the rule's state is
  /// then unchanged, and `to` is unchanged if in place, otherwise unusable.
  virtual bool apply(const commit_step& step) = 0;

  /// The parameters are about to be replaced: clears the rule's state.
  virtual void reset() {}

  /// A copy of the rule's state, in blocks of the shard's length; for a checkpoint.
  virtual std::vector<parameter_block> save() const { return {}; }

  /// Restores what `save` returned under the same rule. False, and nothing changes, if the number
  /// or the lengths of the blocks differ.
  virtual bool load(std::span<const parameter_block> kept) { return kept.empty(); }
};

/// For a shard of `size` parameters:
///   V <- momentum V + eta U, W <- W - V        with momentum;
///   W <- W - eta (U + kappa (W - B))           damped, B the state of the update's base;
///   W <- W - eta U                             otherwise.
std::unique_ptr<commit_applier> make_applier(const sync::commit_rule& rule, std::size_t size);

} // namespace adsp
