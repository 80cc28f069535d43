// --set: one key of a config from the command line.
#include "apps/config/config_parts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <sstream>

namespace adsp::apps {

namespace {

/// The entry of the list with that number, or null.
toml::node* entry_of(toml::array& list, const std::string& number) {
  std::size_t index = 0;
  const auto* last = number.data() + number.size();
  const auto [end, error] = std::from_chars(number.data(), last, index);
  return error == std::errc{} && end == last && index < list.size() ? list.get(index) : nullptr;
}

/// The node that holds the last part of `path` ("a.b.c", "workers.0.count"), or null.
toml::node* parent_of(toml::table& root, const std::vector<std::string>& path) {
  toml::node* at = &root;
  for (std::size_t i = 0; i + 1 < path.size(); ++i) {
    if (auto* table = at->as_table()) {
      if (!table->contains(path[i]))
        table->insert(path[i], toml::table{});
      at = table->get(path[i]);
    } else if (auto* list = at->as_array()) {
      at = entry_of(*list, path[i]);
    } else {
      return nullptr;
    }
    if (at == nullptr)
      return nullptr;
  }
  return at;
}

/// The groups of workers with their numbers, by which --set names them: 0 ("slow"), 1 ("fast").
std::string groups_of(const toml::array& workers) {
  constexpr std::size_t most = 8;
  std::string text;
  for (std::size_t i = 0; i < std::min(most, workers.size()); ++i) {
    const auto* group = workers.get(i)->as_table();
    const auto* given = group != nullptr ? group->get("name") : nullptr;
    const auto name = given != nullptr ? given->value_or(std::string{}) : worker_group{}.name;
    text += fmt::format("{}{} (\"{}\")", i == 0 ? "" : ", ", i, name);
  }
  return workers.size() > most ? text + ", ..." : text;
}

/// What is wrong with a path that leads nowhere.
std::string why_missing(toml::table& root, const std::vector<std::string>& path) {
  auto* groups = root["workers"].as_array();
  if (path.front() == "workers" && groups != nullptr && !groups->empty() &&
      entry_of(*groups, path[1]) == nullptr)
    return fmt::format("there is no group of workers with the number \"{}\"; the groups are {}",
                       path[1], groups_of(*groups));
  return "there is no such place in the config";
}

void set_value(toml::table& table, const std::string& key, const std::string& text) {
  try {
    auto value = toml::parse("value = " + text);
    table.insert_or_assign(key, *value.get("value"));
  } catch (const toml::parse_error&) {
    table.insert_or_assign(key, text); // a word without quotes
  }
}

/// A step time is given by one of several keys: one given by --set replaces another one in the
/// file.
void drop_other_step_times(toml::table& group, std::string_view key) {
  if (key == "step_seconds" || key == "speed")
    for (const auto* other : {"step_seconds_file", "step_seconds_column"})
      group.erase(other);
  if (key == "step_seconds" || key == "step_seconds_file")
    group.erase("speed");
  if (key == "speed" || key == "step_seconds_file")
    group.erase("step_seconds");
}

} // namespace

void apply_override(toml::table& root, const std::string& setting, int layer, config_log& log) {
  const auto equals = setting.find('=');
  std::vector<std::string> path;
  std::istringstream parts{setting.substr(0, equals)};
  std::string shown; // the path as errors show it: workers[0].count
  for (std::string part; std::getline(parts, part, '.'); path.push_back(part))
    if (!part.empty() && part.find_first_not_of("0123456789") == std::string::npos)
      shown += "[" + part + "]";
    else
      shown += (shown.empty() ? "" : ".") + part;
  log.overridden[setting.substr(0, equals)] = layer;
  if (equals == std::string::npos || path.size() < 2) {
    log.add(nullptr, setting.substr(0, equals),
            "expected TABLE.KEY=VALUE, for instance sync.policy=bsp");
    return;
  }
  auto* parent = parent_of(root, path);
  if (parent == nullptr || !parent->is_table()) {
    log.add(nullptr, shown, why_missing(root, path));
    return;
  }
  if (path.front() == "workers" && path.size() == 3)
    drop_other_step_times(*parent->as_table(), path.back());
  set_value(*parent->as_table(), path.back(), setting.substr(equals + 1));
}

} // namespace adsp::apps
