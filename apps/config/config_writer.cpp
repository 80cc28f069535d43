// The resolved config, every key that is read written out, in the order of the documentation.
#include "apps/config/config.hpp"
#include "apps/config/config_parts.hpp"
#include "apps/config/layer_keys.hpp"
#include "apps/config/read_keys.hpp"

#include "learning/data/sources/data_source.hpp"
#include "sync/policy.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <type_traits>

namespace adsp::apps {

namespace {

/// TOML tells 1 from 1.0: a number that may have a fraction is written with one.
std::string real(double x) {
  auto text = fmt::format("{}", x);
  if (text.find_first_of(".e") == std::string::npos)
    text += ".0";
  return text;
}

/// A basic string with everything but plain characters escaped.
std::string quoted(const std::string& x) {
  std::string text = "\"";
  for (const char c : x)
    if (c == '"' || c == '\\')
      text += fmt::format("\\{}", c);
    else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
      text += fmt::format("\\u{:04x}", static_cast<unsigned>(static_cast<unsigned char>(c)));
    else
      text += c;
  return text + "\"";
}

const char* search_name(sync::search_kind x) {
  switch (x) {
  case sync::search_kind::none:
    return "none";
  case sync::search_kind::paper:
    return "paper";
  case sync::search_kind::adaptive:
    break;
  }
  return "adaptive";
}

std::string quoted_list(const std::vector<std::string>& x) {
  std::vector<std::string> words;
  for (const auto& word : x)
    words.push_back(quoted(word));
  return fmt::format("[{}]", fmt::join(words, ", "));
}

/// A table of keys, of which only those are written that the job reads.
class key_lines {
public:
  key_lines(const job& x, std::string name)
      : job_{x}, name_{std::move(name)}, text_{fmt::format("[{}]\n", name_)} {}

  template <class T>
  void add(std::string_view key, const T& value) {
    if (!is_read(job_, fmt::format("{}.{}", name_, key)))
      return;
    if constexpr (std::is_same_v<T, std::string>)
      text_ += fmt::format("{} = {}\n", key, quoted(value));
    else if constexpr (std::is_same_v<T, double>)
      text_ += fmt::format("{} = {}\n", key, real(value));
    else if constexpr (std::is_same_v<T, std::vector<std::string>>)
      text_ += fmt::format("{} = {}\n", key, quoted_list(value));
    else
      text_ += fmt::format("{} = {}\n", key, value);
  }

  std::string done() { return text_ + "\n"; }

private:
  const job& job_;
  std::string name_;
  std::string text_;
};

} // namespace

std::string data_table(const job& all) {
  const auto& x = all.data;
  key_lines t{all, "data"};
  t.add("source", x.source);
  t.add("path", x.path);
  t.add("partition", x.partition);
  t.add("alpha", x.alpha);
  t.add("samples", x.samples);
  t.add("dimensions", x.dimensions);
  t.add("noise", x.noise);
  t.add("train_limit", x.train_limit);
  t.add("test_limit", x.test_limit);
  t.add("target", x.target);
  t.add("features", x.features);
  t.add("header", x.header);
  t.add("delimiter", x.delimiter);
  t.add("task", learning::task_of(x));
  t.add("missing", x.missing);
  t.add("one_hot", x.one_hot);
  t.add("scale", x.scale);
  t.add("scale_target", x.scale_target);
  t.add("test_path", x.test_path);
  t.add("window", x.window);
  t.add("horizon", x.horizon);
  t.add("bins", x.bins);
  t.add("train_share", x.train_share);
  t.add("class_weights", x.class_weights);
  t.add("augment", x.augment);
  return t.done();
}

namespace {

std::string layer_table(const learning::layer_options& x) {
  auto text = fmt::format("[[model.layer]]\nkind = {}\n", quoted(x.kind));
  for (const auto& key : learning::layer_keys()) {
    if (!reads(x, key))
      continue;
    const auto line = [&](const std::string& value) {
      text += fmt::format("{} = {}\n", key.name, value);
    };
    std::visit(
        [&](auto member) {
          const auto& value = x.*member;
          using type = std::decay_t<decltype(value)>;
          if constexpr (std::is_same_v<type, std::string>) {
            if (!value.empty()) // left out: chosen by the layer that follows
              line(quoted(value));
          } else if constexpr (std::is_same_v<type, double>) {
            line(real(value));
          } else {
            line(fmt::format("{}", value));
          }
        },
        key.member);
  }
  return text + "\n";
}

} // namespace

std::string model_table(const job& all) {
  const auto& x = all.model;
  key_lines t{all, "model"};
  t.add("kind", x.kind);
  t.add("hidden", x.hidden);
  t.add("condition", x.condition);
  t.add("weight_decay", x.weight_decay);
  if (!x.loss.empty()) // left out: the kind's own
    t.add("loss", x.loss);
  auto text = t.done();
  if (is_read(all, "model.layer"))
    for (const auto& each : x.layers)
      text += layer_table(each);
  return text;
}

namespace {

std::string optimizer_table(const job& all) {
  const auto& x = all.optimizer;
  key_lines t{all, "optimizer"};
  t.add("kind", learning::optimizer_kind(x));
  t.add("learning_rate", x.learning_rate);
  t.add("momentum", x.momentum);
  t.add("beta1", x.beta1);
  t.add("beta2", x.beta2);
  t.add("epsilon", x.epsilon);
  t.add("schedule", learning::schedule_kind(x));
  t.add("decay", x.decay);
  t.add("decay_every", x.decay_every);
  t.add("total_steps", x.total_steps);
  t.add("floor", x.floor);
  t.add("warmup_steps", x.warmup_steps);
  t.add("batch_size", x.batch_size);
  return t.done();
}

std::string sync_table(const sync::options& x) {
  return fmt::format(
      "[sync]\npolicy = \"{}\"\nstaleness = {}\npull = \"{}\"\nlocal_steps = {}\n"
      "adapt_interval = {}\ncheck_period = {}\nepoch = {}\nsearch = \"{}\"\n{}"
      "reward = \"{}\"\ncommit_rule = \"{}\"\nprobe_barrier = {}\noverlap = {}\nrollback = {}\n"
      "damping = {}\naverage = {}\n"
      "probe_window = {}\nmin_commit_interval = {}\nreference_loss = {}\nmax_commit_rate = {}\n\n",
      sync::to_string(x.policy), x.staleness,
      x.pull == sync::pull_mode::every_commit ? "every_commit" : "when_stale", x.local_steps,
      real(x.adapt_interval), real(x.check_period), real(x.epoch), search_name(x.search),
      x.search != sync::search_kind::paper ? fmt::format("commit_rate = {}\n", real(x.commit_rate))
                                           : "",
      x.reward == sync::reward_kind::curve ? "curve" : "robust",
      x.rule == sync::commit_share::cumulative ? "cumulative" : "equal", x.probe_barrier, x.overlap,
      x.rollback, x.damping, sync::averages(x), real(x.probe_window), real(x.min_commit_interval),
      real(x.reference_loss), x.max_commit_rate);
}

std::string group_table(const worker_group& x) {
  std::vector<std::string> steps;
  for (auto step : x.each_step_seconds)
    steps.push_back(real(step));
  std::vector<std::string> throttle;
  for (const auto& point : x.throttle)
    throttle.push_back(
        fmt::format("{{ from = {}, factor = {} }}", real(point.from), real(point.factor)));
  return fmt::format("\n[[workers]]\nname = {}\ncount = {}\nstep_seconds = {}\njitter = {}\n"
                     "throttle = [{}]\nlatency = {}\nbandwidth = {}\ndata_share = {}\njoin = {}\n"
                     "leave = {}\n",
                     quoted(x.name), x.count,
                     steps.empty() ? real(x.step_seconds)
                                   : fmt::format("[{}]", fmt::join(steps, ", ")),
                     real(x.jitter), fmt::join(throttle, ", "), real(x.latency), real(x.bandwidth),
                     real(x.data_share), real(x.join), real(x.leave));
}

std::string allowance_table(const allowance& x) {
  std::string roles;
  for (const auto& role : x.roles)
    roles += (roles.empty() ? "" : ", ") + quoted(role);
  return fmt::format("\n[[cluster.allow]]\nname = {}\nroles = [{}]\n", quoted(x.name), roles);
}

} // namespace

std::string name_of(const encoding& x) {
  switch (x.format) {
  case wire_format::fp32:
    break;
  case wire_format::fp16:
    return "fp16";
  case wire_format::int8:
    return "int8";
  case wire_format::topk:
    return fmt::format("topk:{}", x.share);
  }
  return "fp32";
}

std::string to_toml(const job& x) {
  auto text = fmt::format("[job]\nname = {}\nseed = {}\nmax_time = {}\nmax_steps = {}\n\n",
                          quoted(x.name), x.seed, real(x.max_time), x.max_steps);
  text += data_table(x);
  text += model_table(x);
  text += optimizer_table(x);
  text += sync_table(x.sync);
  text += fmt::format("[evaluation]\ninterval = {}\ntarget_loss = {}\ntarget_accuracy = {}\n"
                      "window = {}\n\n",
                      real(x.evaluation.interval), real(x.evaluation.target_loss),
                      real(x.evaluation.target_accuracy), x.evaluation.window);
  text += fmt::format("[ps]\nshard_size = {}\nlearning_rate = {}\nmomentum = {}\nbandwidth = {}\n",
                      x.ps.shard_size, real(x.ps.learning_rate), real(x.ps.momentum),
                      real(x.ps.bandwidth));
  text += fmt::format("\n[wire]\ncommit = {}\npull = {}\n", quoted(name_of(x.wire.commit)),
                      quoted(x.wire.fp16_pull ? "fp16" : "fp32"));
  text += fmt::format("\n[cluster]\nps_nodes = {}\nstart_with = {}\nlease = {}\nwait = {}\n",
                      x.cluster.ps_nodes, x.cluster.start_with, real(x.cluster.lease),
                      real(x.cluster.wait));
  for (const auto& each : x.cluster.allow)
    text += allowance_table(each);
  for (const auto& group : x.workers)
    text += group_table(group);
  return text;
}

} // namespace adsp::apps
