// What every command reads first; errors are printed for the user.
#pragma once

#include "actors/plan/job.hpp"
#include "apps/cli/commands.hpp"

#include <memory>
#include <optional>
#include <string>

namespace adsp::apps {

/// Call within a handler: prints the exception being handled. Returns bad_input for invalid data or
/// an invalid model, failed for anything else. Rethrows if output failed: the command line reports
/// that.
exit_code exit_code_of_failure();

/// The job, or nothing after every error has been printed. Unless `quiet`, prints which keys of
/// [sync] are left out.
std::optional<job> job_from(const config_arguments& arguments, bool quiet = false);

/// Throws std::invalid_argument if `out` is the same file as `in`, even by another name: it would
/// be overwritten.
void refuse_same_file(const std::string& in, const std::string& out);

/// Whether every worker has a step time; prints which one has none.
bool can_be_simulated(const job& plan);

/// Throws std::invalid_argument if the job's model does not fit the data, or its steps take too
/// much memory.
void check_model(const job& plan, const learning::train_and_test& data);

/// The job's data, checked to fit its model, or nothing after the error has been printed.
std::shared_ptr<const learning::train_and_test> data_from(const job& plan);

/// Its training part alone, which is all that a worker needs; the test part is empty.
std::shared_ptr<const learning::train_and_test> training_data_from(const job& plan);

/// Throws std::invalid_argument if a node with the role ps would get no shard of `parameters`
/// parameters.
void check_placement(const job& plan, std::uint64_t parameters);

} // namespace adsp::apps
