#include "apps/config/model_text.hpp"

#include "apps/config/tables.hpp"
#include "learning/data/sources/data_source.hpp"

#include <stdexcept>

namespace adsp::apps {

std::string to_toml(const model_settings& settings) {
  job plan;
  plan.data = settings.data;
  plan.model = settings.model;
  return to_toml(table_of("data"), plan) + "\n" + to_toml(table_of("model"), plan) + "\n";
}

model_settings settings_from(std::string_view text) {
  toml::table root;
  try {
    root = toml::parse(text);
  } catch (const toml::parse_error& error) {
    throw std::runtime_error{std::string{error.description()}};
  }
  config_log log;
  job plan;
  read_table(root, table_of("data"), plan, log);
  read_table(root, table_of("model"), plan, log);
  plan.data.task = learning::task_of(plan.data);
  for (const auto& [name, table] : root)
    if (name.str() != "data" && name.str() != "model")
      log.add(&table, std::string{name.str()}, "unknown table, expected [data] and [model]");
  if (!log.errors.empty())
    throw std::runtime_error{log.errors.front().key + ": " + log.errors.front().text};
  return {std::move(plan.data), std::move(plan.model)};
}

} // namespace adsp::apps
