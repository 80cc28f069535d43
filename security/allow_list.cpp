#include "security/allow_list.hpp"

#include "security/node_name.hpp"

#include <algorithm>
#include <fnmatch.h>

namespace adsp::security {

namespace {

/// In a valid pattern only '*' is special for fnmatch.
bool matches(const std::string& pattern, const std::string& name) {
  return is_name_pattern(pattern) && ::fnmatch(pattern.c_str(), name.c_str(), FNM_NOESCAPE) == 0;
}

} // namespace

bool allow_list::allows(std::string_view name, std::string_view role) const {
  if (!is_node_name(name))
    return false;
  const std::string node{name};
  return std::any_of(rules.begin(), rules.end(), [&](const allow_rule& rule) {
    return matches(rule.name, node) &&
           std::find(rule.roles.begin(), rule.roles.end(), role) != rule.roles.end();
  });
}

} // namespace adsp::security
