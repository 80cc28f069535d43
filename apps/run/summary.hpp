// summary.json: how a run ended, in numbers.
#pragma once

#include "actors/plan/job.hpp"
#include "messages/types.hpp"

#include <string>

namespace adsp::apps {

/// The name that summary.json uses for it.
const char* to_string(end_reason reason);

/// Seconds until a run reached the target; infinite when it did not.
double time_to_target(const job_result& result);

/// Shares of time are of the workers' lifetimes, the share of the search is of the job's.
std::string summary_json(const job& plan, const job_result& result, bool virtual_time);

} // namespace adsp::apps
