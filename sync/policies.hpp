// The list of synchronisation policies, one row for each.
#pragma once

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
  bool barrier;              ///< workers wait for each other after every commit
  bool timer;                ///< workers commit by a timer, not after a number of steps
  std::unique_ptr<worker_policy> (*make_worker)(const options&);
  std::unique_ptr<scheduler_policy> (*make_scheduler)(const options&, const membership&);
};

/// All of them, in the order of the enumeration.
std::span<const policy_info> policies();

const policy_info& info_of(policy_kind kind);

/// The name a config uses, "bsp" ... "adsp".
std::string_view to_string(policy_kind kind);

/// The inverse of `to_string`; nothing for an unknown name.
std::optional<policy_kind> policy_from(std::string_view name);

/// All names, in the order of the enumeration.
std::vector<std::string> policy_names();

} // namespace adsp::sync
