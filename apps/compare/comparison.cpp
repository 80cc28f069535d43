#include "apps/compare/comparison.hpp"

#include "apps/run/summary.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <functional>

namespace adsp::apps {

namespace {

using nlohmann::ordered_json;
using figure = std::function<double(const job_result&)>;

/// The share of all workers' time.
double share(double seconds, const job_result& result) {
  double lifetime = 0;
  for (const auto& worker : result.workers)
    lifetime += worker.lifetime;
  return lifetime > 0 ? seconds / lifetime : 0;
}

struct column {
  const char* name;
  figure value;
};

const std::vector<column>& columns() {
  static const std::vector<column> all{
      {"time_to_target_s", time_to_target},
      {"steps", [](const job_result& x) { return static_cast<double>(x.total.steps); }},
      {"commits", [](const job_result& x) { return static_cast<double>(x.total.commits); }},
      {"bytes", [](const job_result& x) { return static_cast<double>(x.total.bytes); }},
      {"compute", [](const job_result& x) { return share(x.total.compute, x); }},
      {"communicate", [](const job_result& x) { return share(x.total.communicate, x); }},
      {"wait", [](const job_result& x) { return share(x.total.wait, x); }},
      {"search",
       [](const job_result& x) { return x.duration > 0 ? x.search_time / x.duration : 0; }},
      {"final_loss",
       [](const job_result& x) { return std::isnan(x.last.loss) ? HUGE_VAL : x.last.loss; }},
      {"final_accuracy", [](const job_result& x) { return x.last.accuracy; }},
  };
  return all;
}

std::optional<spread> spread_over(const compared_policy& policy, const figure& value) {
  std::vector<double> values;
  for (const auto& run : policy.runs)
    values.push_back(value(run.result));
  return spread_of(std::move(values));
}

std::size_t reached(const compared_policy& policy) {
  return static_cast<std::size_t>(
      std::count_if(policy.runs.begin(), policy.runs.end(),
                    [](const auto& run) { return std::isfinite(time_to_target(run.result)); }));
}

std::size_t failures(const compared_policy& policy) {
  return static_cast<std::size_t>(std::ranges::count_if(
      policy.runs, [](const auto& run) { return run.result.reason == end_reason::failed; }));
}

/// How many times as fast as `base`, by medians; nothing if either has none.
std::optional<double> speed_up(const compared_policy& policy, const compared_policy& base) {
  const auto mine = spread_over(policy, time_to_target);
  const auto other = spread_over(base, time_to_target);
  if (!mine || !other || !std::isfinite(mine->median) || !std::isfinite(other->median) ||
      mine->median <= 0)
    return std::nullopt;
  return other->median / mine->median;
}

/// The ideal machine's time as a share of the policy's, by medians; nothing if either has none.
std::optional<double> of_possible(const compared_policy& policy, const comparison& all) {
  const auto ideal = std::ranges::find_if(all.policies, &compared_policy::ideal);
  const auto factor = ideal == all.policies.end() ? std::nullopt : speed_up(*ideal, policy);
  return factor ? std::optional{1 / *factor} : std::nullopt;
}

bool has_ideal(const comparison& all) {
  return std::ranges::any_of(all.policies, &compared_policy::ideal);
}

ordered_json number(double x) {
  return std::isfinite(x) ? ordered_json(x) : ordered_json(nullptr);
}

ordered_json to_json(const std::optional<spread>& range) {
  if (!range || !std::isfinite(range->median))
    return nullptr;
  return {{"median", range->median}, {"min", number(range->min)}, {"max", number(range->max)}};
}

/// A single number, that of the medians, in the form of the others so that readers can treat all
/// alike.
ordered_json to_json(const std::optional<double>& x) {
  return x ? to_json(spread{*x, *x, *x}) : ordered_json(nullptr);
}

using part = double spread::*;

std::string seconds_text(double value, part which) {
  if (std::isfinite(value))
    return fmt::format("{:.0f}", value);
  return which == &spread::median ? "not reached" : "never";
}

/// The columns of a line from the time to target on: medians, or one of the extremes.
std::string figures(const compared_policy& policy, const std::string& compared, part which) {
  const auto value = [&](std::string_view name) {
    for (const auto& column : columns())
      if (column.name == name)
        if (const auto found = spread_over(policy, column.value))
          return (*found).*which;
    return std::nan("");
  };
  const auto accuracy = value("final_accuracy"); // a regression has none
  return fmt::format("{:>17}  {}  {:>9.0f}  {:>8.0f}  {:>9.1f}  {:>5.1f} %  {:>5.1f} %  "
                     "{:>5.1f} %  {:>5.1f} %  {:>9.4g}  {:>8}",
                     seconds_text(value("time_to_target_s"), which), compared, value("steps"),
                     value("commits"), value("bytes") / 1e6, 100 * value("compute"),
                     100 * value("communicate"), 100 * value("wait"), 100 * value("search"),
                     value("final_loss"),
                     std::isnan(accuracy) ? "-" : fmt::format("{:.2f} %", 100 * accuracy));
}

std::string first_failure(const compared_policy& policy) {
  return std::ranges::find(policy.runs, end_reason::failed,
                           [](const auto& run) { return run.result.reason; })
      ->result.text;
}

/// The columns that compare a policy with others; dashes for none.
std::string beside_others(const compared_policy* policy, const comparison& all) {
  const auto factor = policy != nullptr ? speed_up(*policy, all.policies.front()) : std::nullopt;
  auto text = fmt::format("{:>8}", factor ? fmt::format("{:.2f}", *factor) : "-");
  if (has_ideal(all)) {
    const auto share = policy != nullptr ? of_possible(*policy, all) : std::nullopt;
    text += fmt::format("  {:>15}", share ? fmt::format("{:.0f} %", 100 * *share) : "-");
  }
  return text;
}

/// A policy's lines: the medians, and both extremes if there are several runs.
std::string rows(const compared_policy& policy, const comparison& all, std::size_t width) {
  const auto line = [&](std::string_view label, std::string_view runs, const std::string& said) {
    return fmt::format("{:<{}}  {:>7}  {}\n", label, width, runs, said);
  };
  const auto runs = fmt::format("{}/{}", reached(policy), policy.runs.size());
  if (policy.runs.empty())
    return line(policy.label, runs, fmt::format("{:>17}", "no finished run"));
  auto text =
      line(policy.label, runs, figures(policy, beside_others(&policy, all), &spread::median));
  if (policy.runs.size() > 1)
    text += line("  lowest", "", figures(policy, beside_others(nullptr, all), &spread::min)) +
            line("  highest", "", figures(policy, beside_others(nullptr, all), &spread::max));
  return text;
}

} // namespace

std::optional<spread> spread_of(std::vector<double> values) {
  std::erase_if(values, [](double x) { return std::isnan(x); });
  if (values.empty())
    return std::nullopt;
  std::sort(values.begin(), values.end());
  const auto middle = values.size() / 2;
  const auto median =
      values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
  return spread{median, values.front(), values.back()};
}

std::string comparison_json(const comparison& compared) {
  ordered_json policies = ordered_json::array();
  for (const auto& policy : compared.policies) {
    ordered_json runs = ordered_json::array();
    for (const auto& run : policy.runs)
      runs.push_back({{"seed", run.seed},
                      {"directory", run.directory},
                      {"time_to_target_s", number(time_to_target(run.result))},
                      {"text", run.result.text}});
    ordered_json entry = {{"policy", policy.label},
                          {"settings", policy.settings},
                          {"runs", runs},
                          {"reached", reached(policy)},
                          {"failed", failures(policy)}};
    for (const auto& column : columns())
      entry[column.name] = to_json(spread_over(policy, column.value));
    entry["speed_up"] = to_json(speed_up(policy, compared.policies.front()));
    entry["of_possible"] = to_json(of_possible(policy, compared));
    policies.push_back(entry);
  }
  const ordered_json all = {{"job", compared.job},
                            {"simulated", compared.simulated},
                            {"target", compared.target},
                            {"seeds", compared.seeds},
                            {"policies", policies}};
  return all.dump(2) + "\n";
}

std::string comparison_table(const comparison& compared) {
  std::size_t width = std::string_view{"  highest"}.size();
  for (const auto& policy : compared.policies)
    width = std::max(width, policy.label.size());
  auto text =
      fmt::format("{:<{}}  {:>7}  {:>17}  {:>8}{}  {:>9}  {:>8}  {:>9}  {:>7}  {:>7}  {:>7}  "
                  "{:>7}  {:>9}  {:>8}\n",
                  "policy", width, "reached", "seconds to target", "speed-up",
                  has_ideal(compared) ? "  of the possible" : "", "steps", "commits", "MB",
                  "compute", "commun.", "waiting", "search", "loss", "accuracy");
  for (const auto& policy : compared.policies) {
    text += rows(policy, compared, width);
    if (const auto runs = failures(policy))
      text += fmt::format("{:<{}}  {} of {} runs failed: {}\n", "", width, runs, policy.runs.size(),
                          first_failure(policy));
    if (!policy.settings.empty())
      text += fmt::format("{:<{}}  with {}\n", "", width, fmt::join(policy.settings, ", "));
  }
  return text;
}

std::string comparison_caption(const comparison& compared) {
  std::size_t finished = 0;
  for (const auto& policy : compared.policies)
    finished += policy.runs.size();
  const auto asked = compared.policies.size() * compared.seeds.size();
  auto text =
      compared.target.empty() ? std::string{} : fmt::format("target: {}; ", compared.target);
  text += fmt::format("medians, lowest and highest over {} {}", compared.seeds.size(),
                      compared.seeds.size() == 1 ? "seed" : "seeds");
  if (finished < asked)
    text += fmt::format(", of which {} of {} runs finished", finished, asked);
  if (!compared.target.empty())
    text +=
        "\na run ends at the target: its loss, accuracy, steps and commits are those of that time";
  return text + "\n";
}

bool trained(const comparison& compared) {
  return std::any_of(compared.policies.begin(), compared.policies.end(), [](const auto& policy) {
    return std::any_of(policy.runs.begin(), policy.runs.end(),
                       [](const auto& run) { return run.result.reason != end_reason::failed; });
  });
}

bool better(const job_result& a, const job_result& b) {
  const bool failed = a.reason == end_reason::failed;
  if (failed != (b.reason == end_reason::failed))
    return !failed;
  const auto sooner = time_to_target(a);
  const auto later = time_to_target(b);
  if (sooner != later)
    return sooner < later;
  return std::isfinite(a.last.loss) && !(a.last.loss >= b.last.loss);
}

} // namespace adsp::apps
