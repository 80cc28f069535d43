#include "apps/config/tables.hpp"

#include "apps/config/config_parts.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace adsp::apps {

namespace {

/// "a", "b" do
std::string readers_of(const std::vector<std::string>& values) {
  std::string text;
  for (const auto& value : values)
    text += fmt::format("{}\"{}\"", text.empty() ? "" : ", ", value);
  return text + (values.size() == 1 ? " does" : " do");
}

} // namespace

const std::vector<config_table>& config_tables() {
  static const std::vector<config_table> all{job_table(),       data_table(), model_table(),
                                             optimizer_table(), sync_table(), evaluation_table(),
                                             ps_table(),        wire_table(), cluster_table()};
  return all;
}

const config_table& table_of(std::string_view name) {
  return *std::ranges::find(config_tables(), name, &config_table::name);
}

void read_table(const toml::table& root, const config_table& table, job& into, config_log& log) {
  table_reader t{section(root, table.name.c_str(), log), table.name, log};
  read_all(t, table.keys, into);
  t.finish();
}

void refuse_unread(const toml::table& root, const config_table& table, const job& plan,
                   config_log& log) {
  const auto* found = root.get(table.name);
  const auto* given = found != nullptr ? found->as_table() : nullptr;
  for (const auto& each : table.keys) {
    const auto* node = given != nullptr ? given->get(each.name) : nullptr;
    const auto* row = node != nullptr ? unmet(table.keys, each, plan) : nullptr;
    if (row == nullptr || (row->decides && !given->contains(row->choice)))
      continue;
    const auto path = table.name + "." + each.name;
    const auto choice = table.name + "." + row->choice;
    if (!log.sound(choice))
      continue;
    const auto because =
        fmt::format("by {} = \"{}\"", choice, value_of(table.keys, plan, row->choice));
    if (log.layer_of(choice) > log.layer_of(path)) {
      if (table.name == "sync") // in other tables the user chose another key explicitly
        log.left_out[because].push_back(path);
    } else
      log.add(node, path, fmt::format("is not read {}; {}", because, readers_of(row->values)));
  }
}

std::string to_toml(const config_table& table, const job& from) {
  return "[" + table.name + "]\n" + written(table.keys, from, table.name);
}

bool may_read(std::string_view policy, std::string_view path) {
  constexpr std::string_view prefix = "sync.";
  if (!path.starts_with(prefix))
    return true;
  const auto& keys = table_of("sync").keys;
  const auto found = std::ranges::find(keys, path.substr(prefix.size()), &key<job>::name);
  return found == keys.end() || std::ranges::all_of(found->when, [&](const read_when& x) {
           return x.choice != "policy" || std::ranges::find(x.values, policy) != x.values.end();
         });
}

} // namespace adsp::apps
