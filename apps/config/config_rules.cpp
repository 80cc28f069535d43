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

/// The most workers that one process can hold.
constexpr std::uint64_t max_workers = 1'000'000;

/// Reports errors at "table.key", with the line of the key if it is in the file, else of the table.
class rule_log {
public:
  rule_log(const toml::table& root, config_log& log) : root_{root}, log_{log} {}

  /// Whether none of these keys has an error.
  bool sound(std::initializer_list<std::string_view> keys) const {
    return std::all_of(keys.begin(), keys.end(), [&](auto key) { return log_.sound(key); });
  }

  void broken(const char* table, const char* key, std::string text) {
    const auto* node = root_.get(table);
    if (node != nullptr && node->is_table() && node->as_table()->contains(key))
      node = node->as_table()->get(key);
    log_.add(node, *key == '\0' ? table : fmt::format("{}.{}", table, key), std::move(text));
  }

  /// Reports an error at the name of a group of workers, or at the group if it has none.
  void broken_group(std::size_t group, std::string text) {
    const auto* table = root_["workers"][group].as_table();
    const auto* name = table != nullptr ? table->get("name") : nullptr;
    log_.add(name != nullptr ? name : table, fmt::format("workers[{}].name", group),
             std::move(text));
  }

private:
  const toml::table& root_;
  config_log& log_;
};

void check_end(const job& plan, rule_log& log) {
  if (!log.sound({"job.max_time", "job.max_steps", "evaluation.target_loss",
                  "evaluation.target_accuracy"}))
    return;
  if (plan.max_time <= 0 && plan.max_steps == 0 && plan.evaluation.target_loss <= 0 &&
      plan.evaluation.target_accuracy <= 0)
    log.broken("job", "max_time",
               "the job would never end: expected job.max_time, job.max_steps, "
               "evaluation.target_loss or evaluation.target_accuracy");
}

/// A regression has no accuracy that could be a target.
void check_target(const job& plan, rule_log& log) {
  if (!log.sound({"data.source", "data.task", "evaluation.target_accuracy"}) ||
      plan.evaluation.target_accuracy <= 0)
    return;
  const auto* source = learning::find_source(plan.data.source);
  if (source == nullptr)
    return;
  std::string found;
  if (!source->tasks.empty() && plan.data.task == "regression")
    found = "data.task = \"regression\"";
  else if (!source->classes)
    found = fmt::format("data.source = \"{}\"", source->name);
  if (!found.empty())
    log.broken("evaluation", "target_accuracy",
               fmt::format("found {}, which needs classes; expected evaluation.target_loss "
                           "for {}",
                           plan.evaluation.target_accuracy, found));
}

void check_svm(const job& plan, rule_log& log) {
  if (log.sound({"model.kind", "data.source", "data.task"}) && plan.model.kind == "linear_svm" &&
      plan.data.task == "regression")
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

/// An embedding needs the numbers of the file unchanged.
void check_embedding(const job& plan, rule_log& log) {
  if (learning::vocabulary_of(plan.model) == 0 ||
      !log.sound({"model.kind", "model.layer", "data.source", "data.scale"}))
    return;
  const auto* source = learning::find_source(plan.data.source);
  if (source == nullptr)
    return;
  if (!source->tokens)
    log.broken(
        "data", "source",
        fmt::format("found \"{}\", which has no tokens for the embedding; expected one of {}",
                    source->name, sources_of_tokens()));
  else if (source->reads("scale") && plan.data.scale != "none")
    log.broken("data", "scale",
               fmt::format("found \"{}\", expected \"none\": the embedding takes tokens as they "
                           "are in the file",
                           plan.data.scale));
}

/// A worker is named "<group>-<i>", which may also be the name of another group. The scheduler
/// would refuse the second of two equal names, and the job would wait for it.
void check_worker_names(const job& plan, rule_log& log) {
  std::set<std::string> names;
  for (const auto& worker : plan_workers(plan))
    if (!names.insert(worker.name).second)
      log.broken("workers", "",
                 fmt::format("two workers would have the name \"{}\"; rename one of the groups",
                             worker.name));
}

void check_groups(const job& plan, rule_log& log) {
  std::set<std::string> names;
  std::uint64_t workers = 0;
  for (std::size_t i = 0; i < plan.workers.size(); ++i) {
    const auto& group = plan.workers[i];
    workers += group.count;
    if (!names.insert(group.name).second)
      log.broken_group(i, fmt::format("two groups have the name \"{}\"", group.name));
  }
  if (plan.starting_count() == 0 && log.sound({"workers"}))
    log.broken("workers", "", "every worker joins later; expected at least one with join = 0");
  if (workers > max_workers)
    log.broken("workers", "",
               fmt::format("found {} workers, expected at most {}", workers, max_workers));
  else if (names.size() == plan.workers.size())
    check_worker_names(plan, log);
}

void check_period(const job& plan, rule_log& log) {
  if (plan.workers.empty() || !log.sound({"sync.policy", "sync.check_period"}) ||
      plan.sync.policy != sync::policy_kind::adsp || sync::steps_by_round(plan.sync))
    return;
  const auto plans = plan_workers(plan);
  const auto slowest =
      std::max_element(plans.begin(), plans.end(), [](const auto& a, const auto& b) {
        return a.device.step_seconds < b.device.step_seconds;
      });
  if (plan.sync.check_period < slowest->device.step_seconds)
    log.broken("sync", "check_period",
               fmt::format("a step of the worker \"{}\" takes {} s; expected a period of at least "
                           "that, or faster workers; found {} s",
                           slowest->name, slowest->device.step_seconds, plan.sync.check_period));
  if (log.sound({"sync.epoch"}) && plan.sync.adsp->epoch < plan.sync.check_period)
    log.broken("sync", "epoch",
               fmt::format("found {} s, expected at least one check period, {} s",
                           plan.sync.adsp->epoch, plan.sync.check_period));
}

void check_search(const job& plan, rule_log& log) {
  if (!log.sound({"sync.policy", "sync.search", "sync.commit_rate"}) ||
      plan.sync.policy != sync::policy_kind::adsp || sync::steps_by_round(plan.sync) ||
      plan.sync.adsp->search == sync::search_kind::none)
    return;
  if (plan.sync.adsp->reward == sync::reward_kind::curve &&
      log.sound({"sync.reference_loss", "evaluation.target_loss"}) &&
      plan.sync.adsp->reference_loss <= 0)
    log.broken(
        "sync", "reference_loss",
        "the search for the commit rate needs the loss to aim at: expected "
        "sync.reference_loss or evaluation.target_loss above 0, or a fixed sync.commit_rate");
  if (!log.sound({"evaluation.interval", "sync.probe_window", "sync.check_period"}))
    return;
  const auto window =
      plan.sync.adsp->probe_window > 0 ? plan.sync.adsp->probe_window : plan.sync.check_period;
  if (plan.sync.adsp->reward == sync::reward_kind::curve && plan.evaluation.interval > window / 2)
    log.broken(
        "evaluation", "interval",
        fmt::format("found {} s, expected at most {} s: a probe of {} s needs the loss at its "
                    "start, middle and end",
                    plan.evaluation.interval, window / 2, window));
  // With fewer intervals a difference cannot be told from noise, so that no probe would ever win.
  constexpr double intervals = 5;
  if (plan.sync.adsp->reward == sync::reward_kind::robust &&
      plan.evaluation.interval > window / intervals)
    log.broken("evaluation", "interval",
               fmt::format("found {} s, expected at most {} s: the reward \"robust\" needs {} "
                           "intervals in a probe of {} s; or expected sync.probe_window of at "
                           "least {} s",
                           plan.evaluation.interval, window / intervals, intervals, window,
                           intervals * plan.evaluation.interval));
}

bool damps(const sync::options& x) {
  return sync::make_commit_rule(x, 1).kind == sync::rule_kind::damped;
}

/// Damping and server momentum would counteract each other.
void check_damping(const job& plan, const toml::table& root, rule_log& log) {
  if (log.sound({"sync.policy", "sync.damping", "ps.momentum"}) && damps(plan.sync) &&
      plan.ps.momentum.value_or(0) > 0 && root["sync"]["damping"])
    log.broken("sync", "damping",
               fmt::format("has no effect beside ps.momentum = {}; expected one of the two",
                           *plan.ps.momentum));
}

/// A key that the policy's rule of the server does not read.
void check_momentum(const job& plan, rule_log& log) {
  if (log.sound({"sync.policy", "ps.momentum"}) && plan.ps.momentum.value_or(0) > 0 &&
      sync::make_commit_rule(plan.sync, 1).kind == sync::rule_kind::rennala)
    log.broken("ps", "momentum",
               fmt::format("found {}, expected 0: the server of the policy \"{}\" has none",
                           *plan.ps.momentum, sync::to_string(plan.sync.policy)));
}

} // namespace

void check_rules(const job& plan, const toml::table& root, config_log& log) {
  rule_log rules{root, log};
  check_end(plan, rules);
  check_target(plan, rules);
  check_svm(plan, rules);
  check_embedding(plan, rules);
  check_groups(plan, rules);
  check_period(plan, rules);
  check_search(plan, rules);
  check_damping(plan, root, rules);
  check_momentum(plan, rules);
}

} // namespace adsp::apps
