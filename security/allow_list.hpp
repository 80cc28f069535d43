// Which nodes may take which roles: `[[cluster.allow]] name = "pi-*" roles = ["worker"]`, as a
// value.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace adsp::security {

/// One `[[cluster.allow]]`.
struct allow_rule {
  std::string name; ///< of nodes, see `is_name_pattern`; '*' is any number of characters
  std::vector<std::string> roles; ///< the roles that these nodes may take

  friend bool operator==(const allow_rule&, const allow_rule&) = default;
};

/// A node may take a role if one of the rules allows it; without rules no node may take any.
struct allow_list {
  std::vector<allow_rule> rules;

  /// `name`: verified by the node's certificate. False for an invalid name.
  bool allows(std::string_view name, std::string_view role) const;

  friend bool operator==(const allow_list&, const allow_list&) = default;
};

} // namespace adsp::security
