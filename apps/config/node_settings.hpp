// What the configs of a cluster's nodes have to agree on, and one number that says it all.
#pragma once

#include "actors/plan/job.hpp"
#include "messages/node_types.hpp"

#include <cstdint>
#include <vector>

namespace adsp::apps {

/// The key=value settings that all nodes of a cluster have to agree on, sorted by key.
std::vector<setting> shared_settings(const job& plan);

/// Stands for the settings: the first 64 bits of their SHA-256, which a person compares as 16 digits.
/// Nobody is kept out by it who would lie about it.
std::uint64_t fingerprint_of(const std::vector<setting>& settings);

} // namespace adsp::apps
