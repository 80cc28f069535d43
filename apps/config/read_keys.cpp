#include "apps/config/read_keys.hpp"

#include "learning/data/sources/data_source.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string>

namespace adsp::apps {

namespace {

/// What a choice is once the defaults are filled in.
std::string value_of(const job& x, std::string_view choice) {
  if (choice == "data.source")
    return x.data.source;
  if (choice == "data.task")
    return learning::task_of(x.data);
  if (choice == "data.partition")
    return x.data.partition;
  if (choice == "data.test_path")
    return x.data.test_path;
  if (choice == "model.kind")
    return x.model.kind;
  return choice == "optimizer.kind" ? learning::optimizer_kind(x.optimizer)
                                    : learning::schedule_kind(x.optimizer);
}

bool holds(const job& x, const key_condition& row) {
  return std::ranges::find(row.values, value_of(x, row.choice)) != row.values.end();
}

/// The first row that the job does not meet; null: the key is read.
const key_condition* broken_row(const job& x, std::string_view key) {
  for (const auto& row : key_conditions())
    if (row.key == key && !holds(x, row))
      return &row;
  return nullptr;
}

const toml::node* node_at(const toml::table& root, std::string_view path) {
  const auto dot = path.find('.');
  const auto* table = root.get(path.substr(0, dot));
  return table != nullptr && table->is_table() ? table->as_table()->get(path.substr(dot + 1))
                                               : nullptr;
}

/// Each key of [data] that some sources read and others do not.
std::vector<key_condition> conditions_of_sources() {
  static std::set<std::string> names; // the rows refer to them
  std::vector<key_condition> rows;
  for (const auto& source : learning::data_sources())
    for (const auto key : source.keys)
      if (const auto [name, is_new] = names.insert("data." + std::string{key}); is_new) {
        auto& row = rows.emplace_back(key_condition{*name, "data.source", {}});
        for (const auto& other : learning::data_sources())
          if (other.reads(key))
            row.values.push_back(other.name);
      }
  return rows;
}

/// "a", "b" do
std::string readers(const key_condition& x) {
  std::string text;
  for (const auto value : x.values)
    text += fmt::format("{}\"{}\"", text.empty() ? "" : ", ", value);
  return text + (x.values.size() == 1 ? " does" : " do");
}

} // namespace

std::span<const key_condition> key_conditions() {
  using list = std::vector<std::string_view>;
  const list networks = {"softmax", "mlp", "cnn", "cifar_cnn", "lstm", "linear_svm", "layers"};
  static const auto rows = [&] {
    std::vector<key_condition> all = conditions_of_sources();
    const std::vector<key_condition> others = {
        {"data.alpha", "data.partition", {"dirichlet"}},
        {"data.bins", "data.task", {"bins"}},
        {"data.scale_target", "data.task", {"regression"}},
        {"data.train_share", "data.test_path", {""}},
        {"model.hidden", "model.kind", {"mlp", "lstm"}},
        {"model.condition", "model.kind", {"quadratic"}},
        {"model.weight_decay", "model.kind", networks},
        {"model.loss", "model.kind", networks},
        {"model.layer", "model.kind", {"layers"}},
        {"optimizer.momentum", "optimizer.kind", {"momentum", "nesterov"}, true},
        {"optimizer.beta1", "optimizer.kind", {"adam"}},
        {"optimizer.beta2", "optimizer.kind", {"adam"}},
        {"optimizer.epsilon", "optimizer.kind", {"adam"}},
        {"optimizer.decay", "optimizer.schedule", {"step", "exponential"}},
        {"optimizer.decay_every", "optimizer.schedule", {"step", "exponential"}, true},
        {"optimizer.total_steps", "optimizer.schedule", {"cosine"}},
        {"optimizer.floor", "optimizer.schedule", {"step", "exponential", "cosine"}},
    };
    all.insert(all.end(), others.begin(), others.end());
    // Rows of a key stand together.
    std::ranges::stable_sort(all, {}, &key_condition::key);
    return all;
  }();
  return rows;
}

bool is_read(const job& x, std::string_view key) {
  return broken_row(x, key) == nullptr;
}

void refuse_unread(const job& x, const toml::table& root, config_log& log) {
  const auto set_here = [&](std::string_view key) {
    return log.overridden.contains(std::string{key});
  };
  std::string_view done; // rows of a key stand together
  for (const auto& each : key_conditions()) {
    const auto* node = node_at(root, each.key);
    const auto* row = node != nullptr && each.key != done ? broken_row(x, each.key) : nullptr;
    done = each.key;
    if (row == nullptr || !log.sound(row->choice) ||
        (row->decides && node_at(root, row->choice) == nullptr) ||
        (set_here(row->choice) && !set_here(each.key)))
      continue;
    log.add(node, std::string{each.key},
            fmt::format("is not read by {} = \"{}\"; {}", row->choice, value_of(x, row->choice),
                        readers(*row)));
  }
}

} // namespace adsp::apps
