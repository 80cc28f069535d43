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
  std::span<const float> from = {}; ///< the current parameters
  std::span<const float> base =
      {};                   ///< the state that the update started from; only if `reads_base`
  std::span<float> to = {}; ///< the next parameters; the same memory as `from` only if `in_place`;
                            ///< none if `collects`
  std::uint64_t steps = 1;  ///< local steps that the update holds
  std::uint64_t staleness = 0; ///< moves of the shard since the state that the update started from
};

/// What a rule keeps between commits; for a checkpoint.
struct rule_state {
  std::vector<parameter_block> blocks; ///< each of the shard's length
  std::vector<double> numbers;
  bool operator==(const rule_state&) const = default;
};

class commit_applier {
public:
  virtual ~commit_applier() = default;

  virtual bool reads_base() const { return false; }
  virtual bool in_place() const { return false; }
  /// Whether `apply` only collects updates, and `close` moves the parameters.
  virtual bool collects() const { return false; }
  /// Whether `close` is due, for a rule that collects a number of commits.
  virtual bool full() const { return false; }
  /// Whether the answer to a commit is not the parameters but what `look_ahead` makes of them.
  virtual bool looks_ahead() const { return false; }

  /// Makes one pass over the parameters. False if the update is not finite: the rule's state is
  /// then unchanged, and `to` is unchanged if in place, otherwise unusable.
  virtual bool apply(const commit_step& step) = 0;

  /// Moves the parameters by all updates collected since the last call. There must be some.
  virtual void close(float /*eta*/, std::span<const float> /*from*/, std::span<float> /*to*/) {}

  /// So many workers take part from now on.
  virtual void set_workers(std::uint32_t /*count*/) {}

  virtual void look_ahead(float /*eta*/, std::span<const float> /*from*/,
                          std::span<float> /*to*/) const {}

  /// The parameters are about to be replaced: clears the rule's state.
  virtual void reset() {}

  /// A copy of the rule's state.
  virtual rule_state save() const { return {}; }

  /// Restores what `save` returned under the same rule. False, and nothing changes, if the number
  /// or the lengths of the parts differ.
  virtual bool load(const rule_state& kept) { return kept == rule_state{}; }
};

/// For a shard of `size` parameters. actors/server/rules/ has a file for each rule.
std::unique_ptr<commit_applier> make_applier(const sync::commit_rule& rule, std::size_t size);

} // namespace adsp
