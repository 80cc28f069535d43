// The settings that the configs of a cluster's nodes must agree on, and their fingerprint.
#pragma once

#include "actors/plan/job.hpp"
#include "messages/node_types.hpp"

#include <cstdint>
#include <vector>

namespace adsp::apps {

/// The key=value settings that all nodes of a cluster have to agree on, sorted by key.
std::vector<setting> shared_settings(const job& plan);

/// The first 64 bits of the settings' SHA-256, shown as 16 digits. Guards against mistakes, not
/// against a node that lies.
std::uint64_t fingerprint_of(const std::vector<setting>& settings);

} // namespace adsp::apps
