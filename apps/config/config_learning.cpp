// [data], [model] and [optimizer] of a config.
#include "apps/config/config_parts.hpp"
#include "apps/config/layer_keys.hpp"
#include "apps/config/read_keys.hpp"

#include "learning/data/augmentation.hpp"
#include "learning/data/sources/data_source.hpp"
#include "learning/data/text/text_rows.hpp"
#include "learning/data_error.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace adsp::apps {

namespace {

/// What the rows of a table become.
void read_table_keys(table_reader& t, learning::data_options& data) {
  t.text("target", data.target);
  t.text_list("features", data.features);
  t.flag("header", data.header);
  t.text("delimiter", data.delimiter);
  const std::vector<std::string> tasks = {"bins", "classification", "regression"};
  if (const auto i = t.choice("task", tasks))
    data.task = tasks[*i];
  const std::vector<std::string> remedies = {"error", "mean", "drop"};
  if (const auto i = t.choice("missing", remedies))
    data.missing = remedies[*i];
  t.text_list("one_hot", data.one_hot);
  const std::vector<std::string> scales = {"standard", "minmax", "none"};
  if (const auto i = t.choice("scale", scales))
    data.scale = scales[*i];
  t.flag("scale_target", data.scale_target);
  t.text("test_path", data.test_path);
  t.whole("window", data.window, {1, 65536});
  t.whole("horizon", data.horizon, {1, 65536});
  t.whole("bins", data.bins, {2, 65536});
  t.number("train_share", data.train_share, {0, 1, true, true});
  if (!learning::is_delimiter(data.delimiter))
    t.complain("delimiter", "expected one character, such as \",\", \";\" or \"\\t\"");
  if (data.bins % 2 != 0)
    t.complain("bins", fmt::format("found {}, expected an even number: half of the bins are below "
                                   "the mean",
                                   data.bins));
}

/// "a" or "b".
std::string alternatives(const std::vector<std::string_view>& words) {
  std::string text;
  for (const auto word : words)
    text += fmt::format("{}\"{}\"", text.empty() ? "" : word == words.back() ? " or " : ", ", word);
  return text;
}

/// What a source needs.
void check_data(table_reader& t, const learning::data_options& data) {
  const auto* source = learning::find_source(data.source);
  if (source == nullptr)
    return;
  if (data.path.empty() && t.sound("path") && !source->path.empty())
    t.complain("path", fmt::format("is empty; data.source = \"{}\" needs {}: write it here or add "
                                   "--set data.path=PATH to the command",
                                   source->name, source->path));
  if (data.target.empty() && t.sound("target") && source->reads("target"))
    t.complain("target", fmt::format("data.source = \"{}\" needs the name of the column to predict",
                                     source->name));
  if (source->tasks.empty())
    return;
  const auto& tasks = source->tasks;
  if (!data.task.empty() && std::ranges::find(tasks, data.task) == tasks.end())
    t.complain("task", fmt::format("found '{}', expected {} for data.source = \"{}\"", data.task,
                                   alternatives(tasks), source->name));
  const bool regression = data.task == "regression";
  if (regression && data.partition == "dirichlet")
    t.complain("partition", "found 'dirichlet', which needs classes; expected \"iid\" for "
                            "data.task = \"regression\"");
  if (regression && data.class_weights != "none")
    t.complain("class_weights", "found 'balanced', which needs classes; expected \"none\" for "
                                "data.task = \"regression\"");
}

} // namespace

void read_data(const toml::table& root, job& x, config_log& log) {
  table_reader t{section(root, "data", log), "data", log};
  auto& data = x.data;
  std::vector<std::string> sources;
  for (const auto& each : learning::data_sources())
    sources.emplace_back(each.name);
  if (const auto i = t.choice("source", sources))
    data.source = sources[*i];
  t.text("path", data.path);
  if (const auto i = t.choice("partition", {"iid", "dirichlet"}))
    data.partition = *i == 0 ? "iid" : "dirichlet";
  t.number("alpha", data.alpha, {1e-3, 1e6});
  t.whole("samples", data.samples, {1, 1e8});
  t.whole("dimensions", data.dimensions, {1, 1e6});
  t.number("noise", data.noise, any);
  t.whole("train_limit", data.train_limit, count_of_32_bits);
  t.whole("test_limit", data.test_limit, count_of_32_bits);
  read_table_keys(t, data);
  if (const auto i = t.choice("class_weights", {"none", "balanced"}))
    data.class_weights = *i == 0 ? "none" : "balanced";
  t.text_list("augment", data.augment);
  try {
    learning::parse_augmentation(data.augment);
  } catch (const learning::data_error& error) {
    t.complain("augment", error.what());
  }
  t.finish();
  check_data(t, data);
  data.task = learning::task_of(data);
}

void read_model(const toml::table& root, job& x, config_log& log) {
  table_reader t{section(root, "model", log), "model", log};
  const std::vector<std::string> kinds = {"softmax", "mlp",        "cnn",       "cifar_cnn",
                                          "lstm",    "linear_svm", "quadratic", "layers"};
  if (const auto i = t.choice("kind", kinds))
    x.model.kind = kinds[*i];
  const std::vector<std::string> losses = {"cross_entropy", "hinge", "crammer_singer", "squared",
                                           "huber"};
  if (const auto i = t.choice("loss", losses))
    x.model.loss = losses[*i];
  t.tables("layer", [&](table_reader& each) {
    x.model.layers.emplace_back();
    read_layer(each, x.model.layers.back());
  });
  t.whole_list("hidden", x.model.hidden, {1, 65536});
  t.number("condition", x.model.condition, {1, 1e9});
  t.number("weight_decay", x.model.weight_decay, any);
  t.finish();
  if (x.model.kind == "layers" && (!t.has("layer") || t.has_empty_list("layer")))
    t.complain("layer", "model.kind = \"layers\" needs a list of them, [[model.layer]]");
  if (x.model.hidden.empty() && (x.model.kind == "mlp" || x.model.kind == "lstm"))
    t.complain("hidden",
               "found [], expected at least one layer; model.kind = \"softmax\" has none");
}

namespace {

/// What a kind or schedule needs.
void check_optimizer(table_reader& t, const learning::optimizer_options& x) {
  const bool moves_on = x.kind == "momentum" || x.kind == "nesterov";
  if (moves_on && x.momentum == 0)
    t.complain("momentum",
               fmt::format("optimizer.kind = \"{}\" needs it, for instance 0.9", x.kind));
  const bool decays = x.schedule == "step" || x.schedule == "exponential";
  if (decays && x.decay_every == 0)
    t.complain("decay_every", fmt::format("optimizer.schedule = \"{}\" needs the number of steps "
                                          "after which learning_rate is multiplied by decay",
                                          x.schedule));
  if (x.schedule == "cosine" && x.total_steps == 0)
    t.complain("total_steps", "optimizer.schedule = \"cosine\" needs the number of a worker's "
                              "steps at which the learning rate reaches floor");
  if (learning::schedule_kind(x) != "constant" && x.floor > x.learning_rate)
    t.complain("floor", fmt::format("found {}, expected at most optimizer.learning_rate, {}",
                                    x.floor, x.learning_rate));
}

void read_optimizer(const toml::table& root, job& x, config_log& log) {
  table_reader t{section(root, "optimizer", log), "optimizer", log};
  auto& to = x.optimizer;
  const std::vector<std::string> kinds = {"sgd", "momentum", "nesterov", "adam"};
  if (const auto i = t.choice("kind", kinds))
    to.kind = kinds[*i];
  t.number("learning_rate", to.learning_rate, positive);
  t.number("momentum", to.momentum, {0, 1, false, true});
  t.number("beta1", to.beta1, {0, 1, false, true});
  t.number("beta2", to.beta2, {0, 1, false, true});
  t.number("epsilon", to.epsilon, {1e-30, 1}); // a float holds it
  const std::vector<std::string> schedules = {"constant", "step", "exponential", "cosine"};
  if (const auto i = t.choice("schedule", schedules))
    to.schedule = schedules[*i];
  t.number("decay", to.decay, {0, 1, true});
  t.whole("decay_every", to.decay_every, exact_count);
  t.whole("total_steps", to.total_steps, exact_count);
  t.number("floor", to.floor, any);
  t.whole("warmup_steps", to.warmup_steps, exact_count);
  t.whole("batch_size", to.batch_size, {1, 1e6});
  t.finish();
  check_optimizer(t, to);
  to.kind = learning::optimizer_kind(to);
  to.schedule = learning::schedule_kind(to);
}

} // namespace

void read_learning(const toml::table& root, job& x, config_log& log) {
  read_data(root, x, log);
  read_model(root, x, log);
  read_optimizer(root, x, log);
  refuse_unread(x, root, log);
}

} // namespace adsp::apps
