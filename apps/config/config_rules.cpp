#include "apps/config/config_rules.hpp"

#include "learning/data/sources/data_source.hpp"
#include "learning/models/tokens.hpp"
#include "sync/adsp_options.hpp"
#include "sync/policy.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <initializer_list>
#include <set>
#include <string_view>

namespace adsp::apps {

namespace {

/// The most workers one process can take.
constexpr std::uint64_t max_workers = 1'000'000;

/// Reports at "table.key", at the line of the key if it is in the file, else of the table.
class rule_log {
public:
  rule_log(const toml::table& root, config_log& log) : root_{root}, log_{log} {}

  /// Whether all of these keys hold what the config says.
  bool sound(std::initializer_list<std::string_view> keys) const {
    return std::all_of(keys.begin(), keys.end(), [&](auto key) { return log_.sound(key); });
  }

  void broken(const char* table, const char* key, std::string text) {
    const auto* node = root_.get(table);
    if (node != nullptr && node->is_table() && node->as_table()->contains(key))
      node = node->as_table()->get(key);
    log_.add(node, *key == '\0' ? table : fmt::format("{}.{}", table, key), std::move(text));
  }

private:
  const toml::table& root_;
  config_log& log_;
};

void check_end(const job& x, rule_log& log) {
  if (!log.sound({"job.max_time", "job.max_steps", "evaluation.target_loss",
                  "evaluation.target_accuracy"}))
    return;
  if (x.max_time <= 0 && x.max_steps == 0 && x.evaluation.target_loss <= 0 &&
      x.evaluation.target_accuracy <= 0)
    log.broken("job", "max_time",
               "the job would never end: expected job.max_time, job.max_steps, "
               "evaluation.target_loss or evaluation.target_accuracy");
}

/// Numbers that are predicted are right by degrees; there is no accuracy to reach.
void check_target(const job& x, rule_log& log) {
  if (!log.sound({"data.source", "data.task", "evaluation.target_accuracy"}) ||
      x.evaluation.target_accuracy <= 0)
    return;
  const auto* source = learning::find_source(x.data.source);
  if (source == nullptr)
    return;
  std::string found;
  if (!source->tasks.empty() && x.data.task == "regression")
    found = "data.task = \"regression\"";
  else if (!source->classes)
    found = fmt::format("data.source = \"{}\"", source->name);
  if (!found.empty())
    log.broken("evaluation", "target_accuracy",
               fmt::format("found {}, which needs classes; expected evaluation.target_loss "
                           "for {}",
                           x.evaluation.target_accuracy, found));
}

void check_svm(const job& x, rule_log& log) {
  if (log.sound({"model.kind", "data.source", "data.task"}) && x.model.kind == "linear_svm" &&
      x.data.task == "regression")
    log.broken("model", "kind",
               "found \"linear_svm\", which tells classes apart; expected another for "
               "data.task = \"regression\", such as \"softmax\", then the linear model");
}

std::string sources_of_tokens() {
  std::vector<std::string_view> names;
  for (const auto& each : learning::data_sources())
    if (each.tokens)
      names.push_back(each.name);
  return fmt::format("{}", fmt::join(names, ", "));
}

/// An embedding looks up the numbers of the file, as they stand there.
void check_embedding(const job& x, rule_log& log) {
  if (learning::vocabulary_of(x.model) == 0 ||
      !log.sound({"model.kind", "model.layer", "data.source", "data.scale"}))
    return;
  const auto* source = learning::find_source(x.data.source);
  if (source == nullptr)
    return;
  if (!source->tokens)
    log.broken(
        "data", "source",
        fmt::format("found \"{}\", which has no tokens for the embedding; expected one of {}",
                    source->name, sources_of_tokens()));
  else if (source->reads("scale") && x.data.scale != "none")
    log.broken("data", "scale",
               fmt::format("found \"{}\", expected \"none\": the embedding takes tokens as they "
                           "are in the file",
                           x.data.scale));
}

/// A worker is called "<group>-<i>", which may be what another group is called. The scheduler would
/// refuse the second of two equal names, and the job wait for it.
void check_worker_names(const job& x, rule_log& log) {
  std::set<std::string> names;
  for (const auto& worker : plan_workers(x))
    if (!names.insert(worker.name).second)
      log.broken("workers", "",
                 fmt::format("two workers would have the name \"{}\"; rename one of the groups",
                             worker.name));
}

void check_groups(const job& x, rule_log& log) {
  std::set<std::string> names;
  std::uint64_t workers = 0;
  for (const auto& group : x.workers) {
    workers += group.count;
    if (!names.insert(group.name).second)
      log.broken("workers", "", fmt::format("two groups have the name \"{}\"", group.name));
  }
  if (x.starting_count() == 0 && log.sound({"workers"}))
    log.broken("workers", "", "every worker joins later; expected at least one with join = 0");
  if (workers > max_workers)
    log.broken("workers", "",
               fmt::format("found {} workers, expected at most {}", workers, max_workers));
  else if (names.size() == x.workers.size())
    check_worker_names(x, log);
}

void check_period(const job& x, rule_log& log) {
  if (x.workers.empty() || !log.sound({"sync.policy", "sync.check_period"}) ||
      x.sync.policy != sync::policy_kind::adsp)
    return;
  const auto plans = plan_workers(x);
  const auto slowest =
      std::max_element(plans.begin(), plans.end(), [](const auto& a, const auto& b) {
        return a.device.step_seconds < b.device.step_seconds;
      });
  if (x.sync.check_period < slowest->device.step_seconds)
    log.broken("sync", "check_period",
               fmt::format("a step of the worker \"{}\" takes {} s; expected a period of at least "
                           "that, or faster workers; found {} s",
                           slowest->name, slowest->device.step_seconds, x.sync.check_period));
  if (log.sound({"sync.epoch"}) && x.sync.adsp->epoch < x.sync.check_period)
    log.broken("sync", "epoch",
               fmt::format("found {} s, expected at least one check period, {} s",
                           x.sync.adsp->epoch, x.sync.check_period));
}

void check_search(const job& x, rule_log& log) {
  if (!log.sound({"sync.policy", "sync.search", "sync.commit_rate"}) ||
      x.sync.policy != sync::policy_kind::adsp || x.sync.adsp->search == sync::search_kind::none)
    return;
  if (x.sync.adsp->reward == sync::reward_kind::curve &&
      log.sound({"sync.reference_loss", "evaluation.target_loss"}) &&
      x.sync.adsp->reference_loss <= 0)
    log.broken(
        "sync", "reference_loss",
        "the search for the commit rate needs the loss to aim at: expected "
        "sync.reference_loss or evaluation.target_loss above 0, or a fixed sync.commit_rate");
  if (!log.sound({"evaluation.interval", "sync.probe_window", "sync.check_period"}))
    return;
  const auto window =
      x.sync.adsp->probe_window > 0 ? x.sync.adsp->probe_window : x.sync.check_period;
  if (x.sync.adsp->reward == sync::reward_kind::curve && x.evaluation.interval > window / 2)
    log.broken(
        "evaluation", "interval",
        fmt::format("found {} s, expected at most {} s: a probe of {} s needs the loss at its "
                    "start, middle and end",
                    x.evaluation.interval, window / 2, window));
  // With fewer the noise cannot be told from a difference, so that no probe would ever win.
  constexpr double intervals = 5;
  if (x.sync.adsp->reward == sync::reward_kind::robust &&
      x.evaluation.interval > window / intervals)
    log.broken("evaluation", "interval",
               fmt::format("found {} s, expected at most {} s: the reward \"robust\" needs {} "
                           "intervals in a probe of {} s; or expected sync.probe_window of at "
                           "least {} s",
                           x.evaluation.interval, window / intervals, intervals, window,
                           intervals * x.evaluation.interval));
}

/// Damping and a velocity of the server would each undo what the other does.
void check_damping(const job& x, const toml::table& root, rule_log& log) {
  if (log.sound({"sync.policy", "sync.damping", "ps.momentum"}) && sync::damps(x.sync) &&
      x.ps.momentum > 0 && root["sync"]["damping"])
    log.broken("sync", "damping",
               fmt::format("has no effect beside ps.momentum = {}; expected one of the two",
                           x.ps.momentum));
}

} // namespace

void check_rules(const job& x, const toml::table& root, config_log& log) {
  rule_log rules{root, log};
  check_end(x, rules);
  check_target(x, rules);
  check_svm(x, rules);
  check_embedding(x, rules);
  check_groups(x, rules);
  check_period(x, rules);
  check_search(x, rules);
  check_damping(x, root, rules);
}

} // namespace adsp::apps
