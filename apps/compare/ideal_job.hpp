// The limit of what a policy can reach: one machine as fast as all workers of a job together.
#pragma once

#include "actors/plan/job.hpp"

#include <optional>

namespace adsp::apps {

/// The job with one worker instead of all, whose steps take 1 / sum of 1 / step time seconds, with
/// all of the training data, steady speed and no network. Who joins late or leaves counts as one
/// who is there all the time. Nothing if a worker has no step time.
std::optional<job> ideal_job(job plan);

} // namespace adsp::apps
