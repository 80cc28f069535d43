// Runs one job to its end, in real or in virtual time.
#pragma once

#include "actors/one_process.hpp"
#include "actors/plan/job.hpp"
#include "apps/cli/signals.hpp"
#include "apps/run/progress.hpp"
#include "apps/run/run_directory.hpp"
#include "learning/data/dataset.hpp"
#include "messages/types.hpp"

#include <memory>
#include <string>

namespace adsp::apps {

/// How a job ended, and what could not be written.
struct outcome {
  job_result result;
  std::string trouble;
};

/// The kind of time a job runs in.
enum class time_kind : std::uint8_t {
  real,         ///< actors on threads; emulated devices take their configured time
  virtual_time, ///< one thread, the clock jumps to the next event; equal config and seed, equal
                ///< bytes
};

/// Runs the job to its end and writes all files in `directory`, or sets `trouble` to what went
/// wrong. Throws what `spawn_cluster` throws, and std::runtime_error if an actor does not answer.
outcome train(const job& plan, const data_ptr& data,
              const std::shared_ptr<run_directory>& directory, time_kind how,
              progress_printer& progress, const signal_guard& signals);

/// Writes the model and the summary in `directory`, or adds what went wrong to `trouble`.
void write_outcome(const job& plan, const learning::train_and_test& data, run_directory& directory,
                   time_kind how, outcome& end);

/// "target reached after 12.0 s"
std::string ending(const job& plan, const job_result& result);

} // namespace adsp::apps
