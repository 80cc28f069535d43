#include "apps/config/config.hpp"

#include "apps/config/config_parts.hpp"
#include "apps/config/config_rules.hpp"
#include "security/node_name.hpp"

#include <fmt/format.h>

#include <charconv>
#include <fstream>
#include <optional>

namespace adsp::apps {

namespace {

/// A config is written by hand; more is something else.
constexpr std::size_t max_config_bytes = 1 << 20;

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
    x.rule = static_cast<sync::commit_share>(*i);
  t.flag("probe_barrier", x.probe_barrier);
  x.overlap = !published;
  t.flag("overlap", x.overlap);
  x.rollback = !published;
  t.flag("rollback", x.rollback);
  x.damping = !published;
  t.flag("damping", x.damping);
  if (published)
    x.average = false;
  if (t.has("average"))
    t.flag("average", x.average.emplace());
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
  t.duration("adapt_interval", sync.adapt_interval, period);
  t.duration("check_period", sync.check_period, period);
  t.duration("epoch", sync.epoch, period);
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
  t.duration("interval", x.evaluation.interval, period);
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

/// The share after "topk:", above 0 and at most 1.
std::optional<double> share_in(std::string_view text) {
  constexpr std::string_view prefix = "topk:";
  if (!text.starts_with(prefix))
    return std::nullopt;
  text.remove_prefix(prefix.size());
  double share = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), share);
  const bool whole = error == std::errc{} && end == text.data() + text.size();
  return whole && share > 0 && share <= 1 ? std::optional{share} : std::nullopt;
}

void read_wire(const toml::table& root, job& x, config_log& log) {
  table_reader t{section(root, "wire", log), "wire", log};
  auto commit = name_of(x.wire.commit);
  t.text("commit", commit);
  if (commit == "fp32" || commit == "fp16" || commit == "int8")
    x.wire.commit = {commit == "fp32"   ? wire_format::fp32
                     : commit == "fp16" ? wire_format::fp16
                                        : wire_format::int8};
  else if (const auto share = share_in(commit))
    x.wire.commit = {wire_format::topk, *share};
  else
    t.complain("commit", fmt::format("found \"{}\", expected \"fp32\", \"fp16\", \"int8\" or "
                                     "\"topk:SHARE\" with a share above 0 and at most 1, like "
                                     "\"topk:0.01\"",
                                     commit));
  if (const auto i = t.choice("pull", {"fp32", "fp16"}))
    x.wire.fp16_pull = *i == 1;
  t.finish();
}

void read_cluster(const toml::table& root, job& x, config_log& log) {
  table_reader t{section(root, "cluster", log), "cluster", log};
  t.whole("ps_nodes", x.cluster.ps_nodes, {1, 1024});
  t.whole("start_with", x.cluster.start_with, {0, 1e6});
  t.duration("lease", x.cluster.lease, {1, 3600});
  t.duration("wait", x.cluster.wait, time_span);
  t.tables("allow", [&](table_reader& entry) {
    allowance one;
    entry.text("name", one.name);
    entry.text_list("roles", one.roles);
    if (!security::is_name_pattern(one.name))
      entry.complain("name",
                     fmt::format("found \"{}\", expected a node's name, in which '*' stands "
                                 "for any characters",
                                 one.name));
    for (const auto& role : one.roles)
      if (role != "ps" && role != "worker")
        entry.complain("roles", fmt::format("found \"{}\", expected \"ps\" or \"worker\"", role));
    if (one.roles.empty())
      entry.complain("roles", "expected [\"ps\"], [\"worker\"] or both");
    x.cluster.allow.push_back(std::move(one));
  });
  t.finish();
}

void refuse_unknown_tables(const toml::table& root, config_log& log) {
  table_reader t{&root, "", log};
  for (const auto* name : {"job", "data", "model", "optimizer", "sync", "evaluation", "ps", "wire",
                           "cluster", "workers"})
    t.expect(name);
  t.finish();
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

const toml::table* section(const toml::table& root, const char* name, config_log& log) {
  const auto* node = root.get(name);
  if (node != nullptr && !node->is_table())
    log.add(node, name, fmt::format("expected a table, [{}]", name));
  return node != nullptr ? node->as_table() : nullptr;
}

bool is_plain_name(std::string_view x) {
  constexpr std::string_view allowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
  return !x.empty() && x.find_first_not_of(allowed) == std::string_view::npos;
}

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
  config_log log{name, {}, {}, {}};
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
  read_learning(root, x, log);
  read_evaluation(root, x, log);
  read_sync(root, x, log);
  read_ps(root, x, log);
  read_wire(root, x, log);
  read_cluster(root, x, log);
  read_workers(root, x, log);
  if (x.sync.reference_loss == 0)
    x.sync.reference_loss = x.evaluation.target_loss;
  check_rules(x, root, log);
  result.errors = std::move(log.errors);
  result.known = std::move(log.known);
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
