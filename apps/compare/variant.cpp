#include "apps/compare/variant.hpp"

#include "apps/cli/split.hpp"
#include "sync/policies.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace adsp::apps {

namespace {

const std::vector<std::string> published{
    "sync.server_step=commit",     "sync.search=paper",        "sync.reward=curve",
    "sync.commit_rule=cumulative", "sync.probe_barrier=false", "sync.overlap=false",
    "sync.rollback=false",         "sync.damping=false",       "sync.average=false"};

/// The variant that a name stands for; nothing for an unknown name.
std::optional<variant> named(const std::string& name) {
  variant x;
  if (name == "adsp_paper" || name == "adsp+") {
    x.policy = "adsp";
    x.overrides = {"sync.policy=adsp"};
    x.overrides.insert(x.overrides.end(), published.begin(), published.end());
    if (name == "adsp+") {
      x.overrides.emplace_back("sync.search=none");
      x.choices.push_back({"sync.commit_rate", {"0.25", "0.5", "1", "2", "4", "8", "16", "32"}});
    }
    return x;
  }
  if (name == "ideal") {
    x.policy = "tap";
    x.overrides = {"sync.policy=tap", "sync.average=true", "ps.momentum=0"};
    x.ideal = true;
    return x;
  }
  if (!sync::policy_from(name))
    return std::nullopt;
  x.policy = name;
  x.overrides = {"sync.policy=" + name};
  return x;
}

} // namespace

bool variant::says(std::string_view key) const {
  return std::ranges::any_of(choices, [&](const choice& x) { return x.key == key; }) ||
         std::ranges::any_of(overrides, [&](const std::string& x) {
           return x.starts_with(key) && x.substr(key.size()).starts_with('=');
         });
}

std::vector<std::vector<std::string>> variant::combinations() const {
  std::vector<std::vector<std::string>> all{{}};
  for (const auto& x : choices) {
    std::vector<std::vector<std::string>> longer;
    for (const auto& begun : all)
      for (const auto& value : x.values) {
        longer.push_back(begun);
        longer.back().push_back(x.key + "=" + value);
      }
    all = std::move(longer);
  }
  return all;
}

std::optional<std::string_view> why_not_its_own(std::string_view key) {
  if (key == "sync.policy")
    return "but sync.policy is what --policies names";
  constexpr std::string_view tables[] = {"data.", "job.", "evaluation.", "model.", "workers."};
  if (key == "ps.bandwidth" ||
      std::ranges::any_of(tables, [&](auto table) { return key.starts_with(table); }))
    return "but data, job, evaluation, model, workers and ps.bandwidth must be the same for all "
           "policies; use --set";
  return std::nullopt;
}

std::optional<choice> parse_choice(std::string_view text) {
  const auto equals = text.find('=');
  if (equals == std::string_view::npos || equals == 0)
    return std::nullopt;
  choice x{std::string{text.substr(0, equals)}, split(text.substr(equals + 1), '|')};
  if (std::any_of(x.values.begin(), x.values.end(), [](const auto& v) { return v.empty(); }))
    return std::nullopt;
  if (x.key.find('.') == std::string::npos)
    x.key.insert(0, "sync.");
  return x;
}

std::optional<variant> parse_variant(std::string_view text, std::string& error) {
  const auto parts = split(text, ':');
  auto x = named(parts.front());
  if (!x) {
    error = fmt::format("found \"{}\", expected one of {}, adsp_paper, adsp+, ideal", parts.front(),
                        fmt::join(sync::policy_names(), ", "));
    return std::nullopt;
  }
  x->label = text;
  for (std::size_t i = 1; i < parts.size(); ++i) {
    auto setting = parse_choice(parts[i]);
    if (!setting) {
      error = fmt::format("found \"{}\" in \"{}\", expected KEY=VALUE or KEY=VALUE|VALUE", parts[i],
                          text);
      return std::nullopt;
    }
    if (const auto why = why_not_its_own(setting->key)) {
      error = fmt::format("found \"{}\" in \"{}\", {}", setting->key, text, *why);
      return std::nullopt;
    }
    std::erase_if(x->choices, [&](const choice& known) { return known.key == setting->key; });
    if (setting->values.size() > 1)
      x->choices.push_back(std::move(*setting));
    else
      x->overrides.push_back(setting->key + "=" + setting->values.front());
  }
  return x;
}

} // namespace adsp::apps
