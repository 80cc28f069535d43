// What every command reads first, with errors printed for a person.
#pragma once

#include "actors/plan/job.hpp"
#include "apps/cli/commands.hpp"

#include <memory>
#include <optional>
#include <string>

namespace adsp::apps {

/// Within a handler: prints the exception being handled. bad_input for data or a model that cannot
/// be, failed for anything else. What could not be printed is thrown on: the command line says so.
exit_code exit_code_of_failure();

/// The job, or nothing after every error has been printed. Unless `quiet`, says which keys of [sync]
/// are left out.
std::optional<job> job_from(const config_arguments& arguments, bool quiet = false);

/// Throws std::invalid_argument where `out` is the file `in`, by whatever name: it would be lost.
void refuse_same_file(const std::string& in, const std::string& out);

/// Whether every worker says how long a step takes; prints which one does not.
bool can_be_simulated(const job& plan);

/// Throws std::invalid_argument where the job's model does not suit the data, or its steps take too
/// much memory.
void check_model(const job& plan, const learning::train_and_test& data);

/// The job's data, which suit its model, or nothing after the error has been printed.
std::shared_ptr<const learning::train_and_test> data_from(const job& x);

/// Its training part alone, which is all that a worker needs; the test part is empty.
std::shared_ptr<const learning::train_and_test> training_data_from(const job& x);

/// Throws std::invalid_argument when a node with the role ps would have no shard of so many
/// parameters.
void check_placement(const job& plan, std::uint64_t parameters);

} // namespace adsp::apps
