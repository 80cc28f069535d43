#include "apps/run/outcome.hpp"

#include "apps/cli/lines.hpp"
#include "learning/data/text/cell_text.hpp"
#include "sync/adsp_options.hpp"
#include "sync/policies.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <span>

namespace adsp::apps {

namespace {

using learning::counted;

/// Why training has changed nothing; empty if it has, or may have.
std::string why_untrained(const job& plan, const job_result& result) {
  const auto& options = plan.sync;
  const auto commits = result.total.commits;
  const auto rule = starting_rule(plan);
  const bool collects =
      rule.kind == sync::rule_kind::buffered || rule.kind == sync::rule_kind::rennala;
  if (collects && commits > 0 && commits < rule.count)
    return fmt::format("the server moves after every {} commits, and there were {}: the model is "
                       "the one training began with; train longer or lower sync.buffer",
                       rule.count, commits);
  if (commits > 0)
    return {};
  if (sync::moves_by_round(rule.kind))
    return "the job ended within its first round: train longer";
  const bool rate_is_set =
      options.policy == sync::policy_kind::adsp && options.adsp->search != sync::search_kind::paper;
  return fmt::format(
      "no update was committed: the model is the one training began with; train longer{}",
      rate_is_set ? " or raise sync.commit_rate" : "");
}

void print_result(const job& plan, const job_result& result, const run_directory& directory) {
  fmt::print("{}: {}\n", sync::to_string(plan.sync.policy), ending(plan, result));
  if (result.evaluations > 0)
    fmt::print("loss {:.4g}, ", result.last.loss);
  if (result.evaluations > 0 && !std::isnan(result.last.accuracy))
    fmt::print("accuracy {:.2f} %, ", 100 * result.last.accuracy);
  fmt::print("{}, {}, {:.1f} MB moved\n", counted(result.total.steps, "step"),
             counted(result.total.commits, "commit"),
             static_cast<double>(result.total.bytes) / 1e6);
  fmt::print("{:<16} {:>9} {:>8} {:>10} {:>14} {:>8}\n", "worker", "steps", "commits", "computing",
             "communicating", "waiting");
  constexpr std::size_t most = 40; // enough to read; summary.json has all
  for (const auto& worker :
       std::span{result.workers}.first(std::min(most, result.workers.size()))) {
    const auto& p = worker.progress;
    const auto share = worker.lifetime > 0 ? 100 / worker.lifetime : 0;
    fmt::print("{:<16} {:>9} {:>8} {:>8.1f} % {:>12.1f} % {:>6.1f} %{}\n", worker.name, p.steps,
               p.commits, p.compute * share, p.communicate * share, p.wait * share,
               worker.left ? "  left" : "");
  }
  if (result.workers.size() > most)
    fmt::print("and {} more\n", result.workers.size() - most);
  if (result.rollbacks > 0)
    fmt::print("returned {} to an earlier state because the loss had diverged\n",
               counted(result.rollbacks, "time"));
  if (const auto why = why_untrained(plan, result);
      !why.empty() && result.reason != end_reason::failed)
    fmt::print("{}\n", why);
  fmt::print("files in {}\n", directory.path().string());
}

} // namespace

exit_code show_outcome(const job& plan, const outcome& found, const run_directory& directory) {
  const auto& end = found.result;
  print_result(plan, end, directory);
  if (end.reason == end_reason::failed)
    log_line(end.text);
  if (!found.trouble.empty())
    log_line(found.trouble);
  if (end.reason == end_reason::failed || !found.trouble.empty())
    return failed;
  return end.reason == end_reason::interrupted ? interrupted : success;
}

} // namespace adsp::apps
