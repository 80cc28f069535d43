// The list of synchronisation policies, one row for each.
#pragma once

#include "sync/commit_rule.hpp"
#include "sync/options.hpp"
#include "sync/policy.hpp"

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace adsp::sync {

/// One policy.
struct policy_info {
  policy_kind kind;
  std::string_view name;     ///< as in a config, "bsp"
  std::string_view source;   ///< where it was published
  std::string_view sentence; ///< what it does
  bool barrier = false;      ///< workers wait for each other after every commit
  bool timer = false;        ///< workers commit by a timer, not after a number of steps
  /// Steps between two commits that `options::local_steps` replaces; 0: the policy does not read it.
  std::uint32_t local_steps = 0;
  std::unique_ptr<worker_policy> (*make_worker)(const options&);
  std::unique_ptr<scheduler_policy> (*make_scheduler)(const options&, const membership&);
  /// How its server applies commits, for so many workers; eta is that of the job's start.
  commit_rule (*make_rule)(const options&, std::size_t workers);
};

/// All of them, in the order of the enumeration.
std::span<const policy_info> policies();

const policy_info& info_of(policy_kind kind);

/// Steps between two commits, as chosen or as published.
std::uint32_t local_steps_of(const options& x);

/// The name a config uses, "bsp" ... "adsp".
std::string_view to_string(policy_kind kind);

/// The inverse of `to_string`; nothing for an unknown name.
std::optional<policy_kind> policy_from(std::string_view name);

/// All names, in the order of the enumeration.
std::vector<std::string> policy_names();

} // namespace adsp::sync
