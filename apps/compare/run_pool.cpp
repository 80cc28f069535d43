#include "apps/compare/run_pool.hpp"

#include "apps/cli/lines.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <thread>

namespace adsp::apps {

void workshop::make(std::vector<task>& tasks, const std::function<void()>& finished) {
  next_ = 0;
  done_ = 0;
  {
    std::vector<std::jthread> others;
    for (std::size_t i = 1; i < std::min(options_.at_once, tasks.size()); ++i)
      others.emplace_back([&] { work(tasks, finished); });
    work(tasks, finished);
  }
  if (failure_)
    std::rethrow_exception(failure_);
}

void workshop::work(std::vector<task>& tasks, const std::function<void()>& finished) {
  while (true) {
    task* mine = nullptr;
    {
      const std::lock_guard lock{mutex_};
      if (next_ == tasks.size() || failure_ || signals_.interrupted())
        return;
      mine = &tasks[next_++];
    }
    try {
      auto end = train_one(*mine);
      const std::lock_guard lock{mutex_};
      if (end.reason != end_reason::interrupted) {
        mine->result = end;
        finished();
      }
      tell(*mine, end, tasks.size());
    } catch (...) {
      const std::lock_guard lock{mutex_};
      if (!failure_)
        failure_ = std::current_exception();
    }
  }
}

job_result workshop::train_one(const task& run) {
  auto directory = std::make_shared<run_directory>(
      run_directory::create(run.plan, options_.root / run.directory));
  progress_printer silent{stderr, false, true, {}};
  auto end = train(run.plan, options_.data, directory, options_.how, silent, signals_);
  if (!end.trouble.empty())
    throw std::runtime_error{end.trouble};
  end.result.parameters.clear();
  return std::move(end.result);
}

void workshop::tell(const task& run, const job_result& end, std::size_t all) {
  ++done_;
  if (!options_.quiet)
    write_text(stderr,
               fmt::format("[{}/{}] {} seed {}: {}{}\n", done_, all, run.label, run.plan.seed,
                           ending(run.plan, end), end.text.empty() ? "" : " (" + end.text + ")"));
}

} // namespace adsp::apps
