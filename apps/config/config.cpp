#include "apps/config/config.hpp"

#include "apps/config/config_parts.hpp"
#include "apps/config/config_rules.hpp"
#include "apps/config/model_text.hpp"
#include "apps/config/tables.hpp"
#include "learning/data/sources/data_source.hpp"
#include "sync/adsp_options.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <fstream>

namespace adsp::apps {

namespace {

/// Most bytes of a config: it is written by hand, a larger file is something else.
constexpr std::size_t max_config_bytes = 1 << 20;

void refuse_unknown_tables(const toml::table& root, config_log& log) {
  table_reader t{&root, "", log};
  for (const auto& table : config_tables())
    t.expect(table.name);
  t.expect("workers");
  t.finish();
}

/// Escapes control characters: the text found may contain anything, but an error is one line.
std::string one_line(const std::string& word) {
  std::string text;
  for (const char c : word)
    if (c == '\n')
      text += "\\n";
    else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
      text += fmt::format("\\x{:02x}", static_cast<unsigned>(static_cast<unsigned char>(c)));
    else
      text += c;
  return text;
}

/// Sets keys that were left out and whose default depends on other keys.
void fill_in(job& plan) {
  plan.data.task = learning::task_of(plan.data);
  plan.optimizer.kind = learning::optimizer_kind(plan.optimizer);
  plan.optimizer.schedule = learning::schedule_kind(plan.optimizer);
  if (plan.sync.adsp->reference_loss == 0)
    plan.sync.adsp->reference_loss = plan.evaluation.target_loss;
}

} // namespace

const toml::table* section(const toml::table& root, const char* name, config_log& log) {
  const auto* node = root.get(name);
  if (node != nullptr && !node->is_table())
    log.add(node, name, fmt::format("expected a table, [{}]", name));
  return node != nullptr ? node->as_table() : nullptr;
}

bool is_plain_name(std::string_view text) {
  constexpr std::string_view allowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
  return !text.empty() && text.find_first_not_of(allowed) == std::string_view::npos;
}

std::string to_string(const config_error& error) {
  auto text = error.file;
  if (error.line > 0)
    text += fmt::format(":{}", error.line);
  if (!error.key.empty())
    text += (error.line > 0 || error.file != "--set" ? ": " : " ") + error.key;
  return one_line(text + ": " + error.text);
}

std::vector<std::string> left_out_lines(const parsed& read) {
  std::vector<std::string> lines;
  for (const auto& [because, keys] : read.left_out)
    lines.push_back(
        one_line(fmt::format("{}: left out, not read {}", fmt::join(keys, ", "), because)));
  return lines;
}

parsed parse_config(std::string_view text, const std::string& name,
                    const std::vector<std::string>& overrides,
                    const std::vector<std::string>& of_variant) {
  parsed result;
  config_log log;
  log.file = name;
  toml::table root;
  try {
    root = toml::parse(text, name);
  } catch (const toml::parse_error& error) {
    result.errors.push_back(
        {name, error.source().begin.line, "", std::string{error.description()}});
    return result;
  }
  for (const auto& each : overrides)
    apply_override(root, each, 1, log);
  for (const auto& each : of_variant)
    apply_override(root, each, 2, log);
  auto& x = result.value;
  refuse_unknown_tables(root, log);
  for (const auto& table : config_tables())
    read_table(root, table, x, log);
  read_workers(root, x, log);
  fill_in(x);
  for (const auto& table : config_tables())
    refuse_unread(root, table, x, log);
  check_rules(x, root, log);
  result.errors = std::move(log.errors);
  result.known = std::move(log.known);
  result.left_out = std::move(log.left_out);
  return result;
}

parsed read_config(const std::string& path, const std::vector<std::string>& overrides,
                   const std::vector<std::string>& of_variant) {
  std::ifstream file{path, std::ios::binary};
  std::string text(max_config_bytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  const char* trouble = nullptr;
  if (!file.is_open() || file.bad())
    trouble = "cannot be read";
  else if (text.starts_with(std::string_view{model_magic.data(), model_magic.size()}))
    trouble = "is a model, which adsp evaluate, predict and export take";
  else if (text.size() > max_config_bytes)
    trouble = "larger than 1 MiB";
  if (trouble == nullptr)
    return parse_config(text, path, overrides, of_variant);
  parsed result;
  result.errors.push_back(
      {path, 0, "",
       fmt::format("{}; expected a TOML file, for instance configs/fashion-adsp.toml", trouble)});
  return result;
}

} // namespace adsp::apps
