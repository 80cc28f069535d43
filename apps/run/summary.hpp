// summary.json: how a run ended, in numbers.
#pragma once

#include "actors/plan/job.hpp"
#include "messages/types.hpp"

#include <string>

namespace adsp::apps {

/// The reason's name in summary.json.
const char* to_string(end_reason reason);

/// Seconds until a run reached the target; infinite if it did not.
double time_to_target(const job_result& result);

/// Shares of time are relative to the workers' lifetimes, except that of the search, relative to
/// the job's.
std::string summary_json(const job& plan, const job_result& result, bool virtual_time);

} // namespace adsp::apps
