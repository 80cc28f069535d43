// What the nodes of a test's cluster have to agree on: two settings of their job.
#pragma once

#include "actors/plan/job.hpp"
#include "messages/node_types.hpp"
#include "sync/policies.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace adsp::test {

inline std::vector<setting> settings_of(const job& x) {
  return {{"job.name", x.name}, {"sync.policy", std::string{sync::to_string(x.sync.policy)}}};
}

/// Stands for them.
inline std::uint64_t fingerprint_of(const std::vector<setting>& settings) {
  std::string text;
  for (const auto& x : settings)
    text += x.key + "=" + x.value + "\n";
  return std::hash<std::string>{}(text);
}

} // namespace adsp::test
