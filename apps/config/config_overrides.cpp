// --set: one key of a config from the command line.
#include "apps/config/config_parts.hpp"

#include <charconv>
#include <sstream>

namespace adsp::apps {

namespace {

/// The node that holds the last part of `path` ("a.b.c", "workers.0.count"), or null.
toml::node* parent_of(toml::table& root, const std::vector<std::string>& path) {
  toml::node* at = &root;
  for (std::size_t i = 0; i + 1 < path.size(); ++i) {
    if (auto* table = at->as_table()) {
      if (!table->contains(path[i]))
        table->insert(path[i], toml::table{});
      at = table->get(path[i]);
    } else if (auto* list = at->as_array()) {
      std::size_t index = 0;
      const auto* last = path[i].data() + path[i].size();
      const auto [end, error] = std::from_chars(path[i].data(), last, index);
      if (error != std::errc{} || end != last || index >= list->size())
        return nullptr;
      at = list->get(index);
    } else {
      return nullptr;
    }
  }
  return at;
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
    log.add(nullptr, shown, "there is no such place in the config");
    return;
  }
  if (path.front() == "workers" && path.size() == 3)
    drop_other_step_times(*parent->as_table(), path.back());
  set_value(*parent->as_table(), path.back(), setting.substr(equals + 1));
}

} // namespace adsp::apps
