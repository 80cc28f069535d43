#include "apps/config.hpp"

#include "apps/config_rules.hpp"
#include "apps/table_reader.hpp"
#include "learning/number_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <sstream>

namespace adsp::apps {

namespace {

/// A config is written by hand; more is something else.
constexpr std::size_t max_config_bytes = 1 << 20;

constexpr bounds any{};
constexpr bounds positive{0, any.high, true};
/// Seconds. The clock counts nanoseconds in 64 bits: more would overflow, with jitter on top.
constexpr bounds time_span{0, 1e9};
constexpr bounds positive_time_span{0, 1e9, true};
constexpr bounds step_time{0, 1e6};
constexpr bounds listed_step_time{1e-9, 1e6};
constexpr bounds step_rate{1e-6, 1e12};
constexpr bounds exact_count{0, 9007199254740992.0}; // what a double counts exactly
constexpr bounds count_of_32_bits{0, 4294967295.0};

/// A sub-table, or null when it is absent; something else under its name is a mistake.
const toml::table* section(const toml::table& root, const char* name, config_log& log) {
  const auto* node = root.get(name);
  if (node != nullptr && !node->is_table())
    log.add(node, name, fmt::format("expected a table, [{}]", name));
  return node != nullptr ? node->as_table() : nullptr;
}

/// Letters, digits, '.', '_' and '-': what names a folder, a column of a CSV or a word of a log.
bool is_plain_name(std::string_view x) {
  constexpr std::string_view allowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
  return !x.empty() && x.find_first_not_of(allowed) == std::string_view::npos;
}

void read_job(const toml::table& root, job& x, config_log& log) {
  table_reader t{section(root, "job", log), "job", log};
  t.text("name", x.name);
  t.whole("seed", x.seed, exact_count);
  t.duration("max_time", x.max_time, time_span);
  t.whole("max_steps", x.max_steps, exact_count);
  t.finish();
  if (!is_plain_name(x.name) || x.name.front() == '.')
    t.complain("name",
               fmt::format("found \"{}\", expected letters, digits, '.', '_' or '-': it names "
                           "a folder",
                           x.name));
}

void read_data(const toml::table& root, job& x, config_log& log) {
  table_reader t{section(root, "data", log), "data", log};
  auto& data = x.data;
  const std::vector<std::string> sources = {"fashion-mnist", "idx", "csv", "series", "quadratic"};
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
  t.text("target", data.target);
  t.text_list("features", data.features);
  t.whole("window", data.window, {1, 65536});
  t.whole("bins", data.bins, {2, 65536});
  t.number("train_share", data.train_share, {0, 1, true, true});
  t.finish();
  if (data.path.empty() && data.source == "idx")
    t.complain("path", "data.source = \"idx\" needs the folder of the four IDX files");
  if (data.path.empty() && (data.source == "csv" || data.source == "series"))
    t.complain("path",
               fmt::format("data.source = \"{}\" needs the file of the numbers", data.source));
  if (data.target.empty() && data.source == "csv")
    t.complain("target", "data.source = \"csv\" needs the name of the column to predict");
  if (data.bins % 2 != 0)
    t.complain("bins", fmt::format("found {}, expected an even number: half of the bins are below "
                                   "the mean",
                                   data.bins));
}

void read_model(const toml::table& root, job& x, config_log& log) {
  table_reader t{section(root, "model", log), "model", log};
  const std::vector<std::string> kinds = {"softmax", "mlp", "lstm", "linear_svm", "quadratic"};
  if (const auto i = t.choice("kind", kinds))
    x.model.kind = kinds[*i];
  t.whole_list("hidden", x.model.hidden, {1, 65536});
  t.number("condition", x.model.condition, {1, 1e9});
  t.number("weight_decay", x.model.weight_decay, any);
  t.finish();
  if (x.model.hidden.empty() && (x.model.kind == "mlp" || x.model.kind == "lstm"))
    t.complain("hidden",
               "found [], expected at least one layer; model.kind = \"softmax\" has none");
}

void read_optimizer(const toml::table& root, job& x, config_log& log) {
  table_reader t{section(root, "optimizer", log), "optimizer", log};
  t.number("learning_rate", x.optimizer.learning_rate, positive);
  t.number("momentum", x.optimizer.momentum, {0, 1, false, true});
  t.number("decay", x.optimizer.decay, {0, 1, true});
  t.whole("decay_every", x.optimizer.decay_every, exact_count);
  t.whole("batch_size", x.optimizer.batch_size, {1, 1e6});
  t.finish();
}

/// The search of ADSP and what it is made of: "paper" means all of it as published, unless a key
/// says otherwise.
void read_search(table_reader& t, sync::options& x) {
  // A rate without a word about the search means that rate.
  x.search = t.has("commit_rate") ? sync::search_kind::none : sync::search_kind::adaptive;
  if (const auto i = t.choice("search", {"none", "paper", "adaptive"}))
    x.search = static_cast<sync::search_kind>(*i);
  const bool published = x.search == sync::search_kind::paper;
  if (published && t.has("commit_rate"))
    t.complain("commit_rate", "has no effect: the search chooses the rate; expected "
                              "sync.search = \"none\" beside a fixed one");
  x.reward = published ? sync::reward_kind::curve : sync::reward_kind::robust;
  if (const auto i = t.choice("reward", {"curve", "robust"}))
    x.reward = static_cast<sync::reward_kind>(*i);
  if (const auto i = t.choice("commit_rule", {"cumulative", "equal"}))
    x.rule = static_cast<sync::commit_rule>(*i);
  t.flag("probe_barrier", x.probe_barrier);
  x.overlap = !published;
  t.flag("overlap", x.overlap);
  x.rollback = !published;
  t.flag("rollback", x.rollback);
}

void read_sync(const toml::table& root, job& x, config_log& log) {
  table_reader t{section(root, "sync", log), "sync", log};
  auto& sync = x.sync;
  const auto policies = sync::policy_names();
  if (const auto i = t.choice("policy", policies))
    sync.policy = *sync::policy_from(policies[*i]);
  t.whole("staleness", sync.staleness, count_of_32_bits);
  if (const auto i = t.choice("pull", {"every_commit", "when_stale"}))
    sync.pull = *i == 0 ? sync::pull_mode::every_commit : sync::pull_mode::when_stale;
  t.whole("local_steps", sync.local_steps, {1, 4294967295.0});
  t.duration("adapt_interval", sync.adapt_interval, positive_time_span);
  t.duration("check_period", sync.check_period, positive_time_span);
  t.duration("epoch", sync.epoch, positive_time_span);
  t.number("commit_rate", sync.commit_rate, positive);
  read_search(t, sync);
  t.duration("probe_window", sync.probe_window, time_span);
  t.duration("min_commit_interval", sync.min_commit_interval, time_span);
  t.number("reference_loss", sync.reference_loss, any);
  t.whole("max_commit_rate", sync.max_commit_rate, {1, 1e6});
  t.finish();
}

void read_evaluation(const toml::table& root, job& x, config_log& log) {
  table_reader t{section(root, "evaluation", log), "evaluation", log};
  t.duration("interval", x.evaluation.interval, positive_time_span);
  t.number("target_loss", x.evaluation.target_loss, any);
  t.number("target_accuracy", x.evaluation.target_accuracy, {0, 1});
  t.whole("window", x.evaluation.window, {1, 1e6});
  t.finish();
}

void read_ps(const toml::table& root, job& x, config_log& log) {
  table_reader t{section(root, "ps", log), "ps", log};
  t.whole("shard_size", x.ps.shard_size, {1, 16777216});
  t.number("learning_rate", x.ps.learning_rate, any);
  t.number("momentum", x.ps.momentum, {0, 1, false, true});
  t.bandwidth("bandwidth", x.ps.bandwidth);
  t.finish();
}

/// The column of a CSV file, for instance of measured devices.
void read_step_file(table_reader& t, worker_group& x) {
  std::string file;
  std::string column;
  t.text("step_seconds_file", file);
  t.text("step_seconds_column", column);
  try {
    x.each_step_seconds = learning::read_column(file, column);
  } catch (const learning::data_error& error) {
    t.complain("step_seconds_file", error.what());
    return;
  }
  for (auto seconds : x.each_step_seconds)
    if (!(seconds >= listed_step_time.low && seconds <= listed_step_time.high))
      t.complain("step_seconds_file",
                 fmt::format("column {} holds {}, expected a number of at least {}"
                             " and at most {}",
                             column, seconds, listed_step_time.low, listed_step_time.high));
}

/// One step time a worker, from the config or from a file; `count` may be left out.
void read_step_list(table_reader& t, worker_group& x) {
  if (t.has("step_seconds_file"))
    read_step_file(t, x);
  else
    t.number_list("step_seconds", x.each_step_seconds, listed_step_time);
  const auto found = static_cast<std::uint32_t>(x.each_step_seconds.size());
  if (!t.has("count"))
    x.count = std::max(1u, found);
  if (found == 0 && t.has_empty_list("step_seconds"))
    t.complain("step_seconds", "found [], expected one a worker");
  else if (found > 0 && x.count != found)
    t.complain("count", fmt::format("found {}, but step_seconds lists {} workers", x.count, found));
}

void read_throttle(table_reader& t, worker_group& x) {
  t.tables("throttle", [&](table_reader& point) {
    throttle_point p;
    point.duration("from", p.from, time_span);
    point.number("factor", p.factor, {1e-6, 1e6});
    if (!x.throttle.empty() && p.from < x.throttle.back().from)
      point.complain("from", "expected points in the order of time");
    x.throttle.push_back(p);
  });
}

worker_group read_group(const toml::table& table, const std::string& path, config_log& log) {
  worker_group x;
  table_reader t{&table, path, log};
  t.text("name", x.name);
  t.whole("count", x.count, {1, 1e6});
  if (t.has("step_seconds_file") && (t.has("step_seconds") || t.has("speed")))
    t.complain("step_seconds_file", "step_seconds or speed says the same; expected one of them");
  if (t.has("step_seconds_file") || t.has_list("step_seconds"))
    read_step_list(t, x);
  else
    t.duration("step_seconds", x.step_seconds, step_time);
  double speed = 0;
  t.number("speed", speed, step_rate);
  t.number("jitter", x.jitter, {0, 2});
  t.duration("latency", x.latency, time_span);
  t.bandwidth("bandwidth", x.bandwidth);
  t.number("data_share", x.data_share, positive);
  t.duration("join", x.join, time_span);
  t.duration("leave", x.leave, time_span);
  read_throttle(t, x);
  t.finish();
  if (x.leave > 0 && x.leave <= x.join)
    t.complain("leave", fmt::format("found {} s, expected a time after join, {} s; or 0: never",
                                    x.leave, x.join));
  if (!is_plain_name(x.name))
    t.complain("name",
               fmt::format("found \"{}\", expected letters, digits, '.', '_' or '-'", x.name));
  if (t.has("speed") && t.has("step_seconds"))
    t.complain("speed", "step_seconds says the same; expected one of the two");
  else if (speed > 0)
    x.step_seconds = 1 / speed;
  return x;
}

void read_workers(const toml::table& root, job& x, config_log& log) {
  const auto* node = root.get("workers");
  const auto* list = node != nullptr ? node->as_array() : nullptr;
  if (list == nullptr || list->empty()) {
    log.add(node, "workers", "expected at least one group of workers, [[workers]]");
    return;
  }
  std::size_t i = 0;
  for (const auto& element : *list) {
    const auto path = fmt::format("workers[{}]", i++);
    if (const auto* table = element.as_table())
      x.workers.push_back(read_group(*table, path, log));
    else
      log.add(&element, path, "expected a table, [[workers]]");
  }
}

void refuse_unknown_tables(const toml::table& root, config_log& log) {
  table_reader t{&root, "", log};
  for (const auto* name :
       {"job", "data", "model", "optimizer", "sync", "evaluation", "ps", "workers"})
    t.expect(name);
  t.finish();
}

/// The node that the last part of `path` is to be set in, or null: "a.b.c", "workers.0.count".
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

void apply_override(toml::table& root, const std::string& x, config_log& log) {
  const auto equals = x.find('=');
  std::vector<std::string> path;
  std::istringstream parts{x.substr(0, equals)};
  std::string shown; // as in errors: workers[0].count
  for (std::string part; std::getline(parts, part, '.'); path.push_back(part))
    if (!part.empty() && part.find_first_not_of("0123456789") == std::string::npos)
      shown += "[" + part + "]";
    else
      shown += (shown.empty() ? "" : ".") + part;
  log.overridden.insert(x.substr(0, equals));
  if (equals == std::string::npos || path.size() < 2) {
    log.add(nullptr, x.substr(0, equals), "expected TABLE.KEY=VALUE, for instance sync.policy=bsp");
    return;
  }
  auto* parent = parent_of(root, path);
  if (parent == nullptr || !parent->is_table()) {
    log.add(nullptr, shown, "there is no such place in the config");
    return;
  }
  set_value(*parent->as_table(), path.back(), x.substr(equals + 1));
}

/// Control characters escaped: what was found may hold anything, an error is one line.
std::string one_line(const std::string& x) {
  std::string text;
  for (const char c : x)
    if (c == '\n')
      text += "\\n";
    else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
      text += fmt::format("\\x{:02x}", static_cast<unsigned>(static_cast<unsigned char>(c)));
    else
      text += c;
  return text;
}

} // namespace

std::string to_string(const config_error& x) {
  auto text = x.file;
  if (x.line > 0)
    text += fmt::format(":{}", x.line);
  if (!x.key.empty())
    text += (x.line > 0 || x.file != "--set" ? ": " : " ") + x.key;
  return one_line(text + ": " + x.text);
}

parsed parse_config(std::string_view text, const std::string& name,
                    const std::vector<std::string>& overrides) {
  parsed result;
  config_log log{name, {}, {}};
  toml::table root;
  try {
    root = toml::parse(text, name);
  } catch (const toml::parse_error& error) {
    result.errors.push_back(
        {name, error.source().begin.line, "", std::string{error.description()}});
    return result;
  }
  for (const auto& x : overrides)
    apply_override(root, x, log);
  auto& x = result.value;
  refuse_unknown_tables(root, log);
  read_job(root, x, log);
  read_data(root, x, log);
  read_model(root, x, log);
  read_optimizer(root, x, log);
  read_evaluation(root, x, log);
  read_sync(root, x, log);
  read_ps(root, x, log);
  read_workers(root, x, log);
  if (x.sync.reference_loss == 0)
    x.sync.reference_loss = x.evaluation.target_loss;
  check_rules(x, root, log);
  result.errors = std::move(log.errors);
  return result;
}

parsed read_config(const std::string& path, const std::vector<std::string>& overrides) {
  std::ifstream file{path, std::ios::binary};
  std::string text(max_config_bytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  const char* trouble = nullptr;
  if (!file.is_open() || file.bad())
    trouble = "cannot be read";
  else if (text.size() > max_config_bytes)
    trouble = "larger than 1 MiB";
  if (trouble == nullptr)
    return parse_config(text, path, overrides);
  parsed result;
  result.errors.push_back(
      {path, 0, "",
       fmt::format("{}; expected a TOML file, for instance configs/fashion-adsp.toml", trouble)});
  return result;
}

} // namespace adsp::apps
