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

/// How long a worker waits for the answer to its join. Longer than `report_timeout`, within which
/// the nodes with shards must permit the worker, so that the worker is told if one of them stays
/// silent.
inline constexpr std::chrono::seconds join_timeout{15};

/// How long the scheduler waits for one evaluation.
inline constexpr std::chrono::minutes evaluation_timeout{10};

/// How long the scheduler waits for a worker's counts while training.
inline constexpr std::chrono::seconds sample_timeout{1};

/// How long it waits at the end for a worker's last counts and a shard's parameters; long, because
/// without an answer they are lost, and a busy thread may be in the middle of a step.
inline constexpr std::chrono::seconds final_timeout{30};

/// How long it does so before it logs whom it waits for.
inline constexpr std::chrono::seconds quiet_wait{2};

/// How long the registrar waits for a node to confirm that it has been told of the job's end.
inline constexpr std::chrono::seconds end_timeout{5};

/// Leases for which a node keeps its shards without hearing from the scheduler: what
/// they hold is nowhere else.
inline constexpr int shard_leases = 6;

/// Limits of plausible counts of a worker in another process since it joined: an initial number of
/// steps, further steps per second, and bytes per second. Far beyond any machine; larger counts are
/// rejected.
inline constexpr double first_steps = 10'000;
inline constexpr double most_steps_a_second = 1e6;
inline constexpr double most_bytes_a_second = 1e11;

} // namespace adsp::defaults
