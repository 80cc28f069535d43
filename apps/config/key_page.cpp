#include "apps/config/key_page.hpp"

#include "apps/config/tables.hpp"
#include "sync/policies.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <sstream>

namespace adsp::apps {

namespace {

constexpr std::size_t columns = 110;

/// Words in lines of at most `columns`; lines after the first begin with `indent`.
std::string wrapped(const std::string& text, const std::string& indent) {
  std::string all;
  std::string line(std::min(text.find_first_not_of(' '), text.size()), ' ');
  bool begun = false; // whether the line has a word
  std::istringstream words{text};
  for (std::string word; words >> word; begun = true) {
    if (begun && line.size() + 1 + word.size() > columns) {
      all += line + "\n";
      line = indent + word;
    } else {
      line += (begun ? " " : "") + word;
    }
  }
  return all + line + "\n";
}

std::string condition(const read_when& condition) {
  std::vector<std::string> values;
  for (const auto& each : condition.values)
    values.push_back(toml_text(each));
  return fmt::format("{} = {}", condition.choice, fmt::join(values, ", "));
}

std::string entry(const key_text& key, const std::string& indent) {
  auto text = fmt::format("{}- **{}** ({}", indent, key.name, describe(key));
  if (!key.initial.empty())
    text += fmt::format("; `{}` if left out", key.initial);
  else if (!key.absent.empty())
    text += fmt::format("; if left out: {}", key.absent);
  text += ")";
  std::vector<std::string> when;
  for (const auto& each : key.when)
    when.push_back(condition(each));
  if (!when.empty())
    text += fmt::format(", only with {}", fmt::join(when, " and "));
  auto all = wrapped(text + ": " + key.sentence, indent + "  ");
  for (const auto& each : key.entries)
    all += entry(each, indent + "  ");
  return all;
}

template <class T>
std::string section_text(const std::string& header, const std::string& sentence,
                         const std::vector<key<T>>& keys) {
  auto text = "\n## " + header + "\n\n" + wrapped(sentence, "") + "\n";
  for (const auto& each : keys)
    text += entry(each, "");
  return text;
}

} // namespace

std::string key_page() {
  std::string text = "# The keys of a config\n\n";
  text += wrapped(
      "Printed by `adsp keys`. A config is a TOML file; `--set TABLE.KEY=VALUE` overrides one "
      "key of it. A key that nothing reads is an error, so is one that the choice made by "
      "another key leaves unread. A number is one that a float holds. A run leaves its config with "
      "every key that it reads in `config.toml`.",
      "");
  for (const auto& table : config_tables())
    text += section_text("[" + table.name + "]", table.sentence, table.keys);
  text += section_text("[[workers]]",
                       "The workers, in groups of equal devices: one table for each group.",
                       worker_keys());
  return text;
}

std::string policy_list() {
  std::size_t width = 0;
  for (const auto& policy : sync::policies())
    width = std::max(width, policy.name.size() + 1);
  const std::string indent(width, ' ');
  std::string text;
  for (const auto& policy : sync::policies()) {
    std::vector<std::string> keys;
    for (const auto& each : table_of("sync").keys)
      if (each.name != "policy" && may_read(policy.name, "sync." + each.name))
        keys.push_back(each.name);
    auto block = wrapped(indent + std::string{policy.sentence}, indent);
    text += block.replace(0, policy.name.size(), policy.name);
    text += fmt::format("{}{}\n", indent, policy.source);
    text += wrapped(fmt::format("{}keys of [sync]: {}", indent, fmt::join(keys, ", ")), indent);
  }
  return text;
}

} // namespace adsp::apps
