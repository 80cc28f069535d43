// The timeouts between actors, with unit and meaning, in one place.
#pragma once

#include <chrono>

namespace adsp::defaults {

/// How long a worker or evaluator waits for a shard's answer before it asks again.
inline constexpr std::chrono::seconds shard_timeout{10};

/// How often it asks before it gives the shard up as lost.
inline constexpr int shard_attempts = 3;

/// How long a worker waits for the scheduler's answer to a report before it reports again.
inline constexpr std::chrono::seconds report_timeout{10};

/// How long the scheduler waits for one evaluation.
inline constexpr std::chrono::minutes evaluation_timeout{10};

/// How long the scheduler waits for a worker's counts, while training and at the end.
inline constexpr std::chrono::seconds sample_timeout{1};

} // namespace adsp::defaults
