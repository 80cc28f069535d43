#include "apps/config/model_text.hpp"

#include "apps/config/config_parts.hpp"

#include <stdexcept>

namespace adsp::apps {

std::string to_toml(const model_settings& x) {
  job plan;
  plan.data = x.data;
  plan.model = x.model;
  return data_table(plan) + model_table(plan);
}

model_settings settings_from(std::string_view text) {
  toml::table root;
  try {
    root = toml::parse(text);
  } catch (const toml::parse_error& error) {
    throw std::runtime_error{std::string{error.description()}};
  }
  config_log log{"", {}, {}, {}};
  job plan;
  read_data(root, plan, log);
  read_model(root, plan, log);
  for (const auto& [name, table] : root)
    if (name.str() != "data" && name.str() != "model")
      log.add(&table, std::string{name.str()}, "unknown table, expected [data] and [model]");
  if (!log.errors.empty())
    throw std::runtime_error{log.errors.front().key + ": " + log.errors.front().text};
  return {std::move(plan.data), std::move(plan.model)};
}

} // namespace adsp::apps
