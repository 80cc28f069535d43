// Executes the runs of a comparison, several at a time, and reports how each ended.
#pragma once

#include "actors/plan/job.hpp"
#include "apps/run/training.hpp"

#include <exception>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace adsp::apps {

/// One run to execute.
struct task {
  job plan;
  std::string label;
  std::filesystem::path directory;  ///< relative to the comparison's directory
  std::optional<job_result> result; ///< without parameters; nothing: not finished
};

/// Options for all runs of a comparison.
struct workshop_options {
  std::filesystem::path root; ///< the comparison's directory
  data_ptr data;
  time_kind how = time_kind::real;
  std::size_t at_once = 1; ///< runs at a time
  bool quiet = false;
};

class workshop {
public:
  workshop(workshop_options options, const signal_guard& signals)
      : options_{std::move(options)}, signals_{signals} {}

  /// Executes the runs and calls `finished()` after each that ran to its end, never concurrently.
  /// An interrupted run has no result. Rethrows what the first failing run or `finished` threw;
  /// diverged training is a result, not a failure.
  void make(std::vector<task>& tasks, const std::function<void()>& finished);

private:
  void work(std::vector<task>& tasks, const std::function<void()>& finished);
  job_result train_one(const task& run);
  void tell(const task& run, const job_result& end, std::size_t all);

  workshop_options options_;
  const signal_guard& signals_;
  std::mutex mutex_; ///< guards the members below, and the results of tasks
  std::size_t next_ = 0;
  std::size_t done_ = 0;
  std::exception_ptr failure_;
};

} // namespace adsp::apps
