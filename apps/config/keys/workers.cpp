// The keys of a [[workers]] table.
#include "apps/config/config_parts.hpp"
#include "apps/config/key_forms.hpp"
#include "learning/data/text/cell_text.hpp"
#include "learning/data/text/number_files.hpp"
#include "learning/data_error.hpp"
#include "security/node_name.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace adsp::apps {

namespace {

constexpr bounds step_time{0, 1e6};
/// At least a nanosecond, the clock's unit: a step of 0 would stop virtual time.
constexpr bounds listed_step_time{1e-9, 1e6};
constexpr bounds step_rate{1e-6, 1e9};

/// Reads a column of a CSV file, for instance of measured devices.
void read_step_file(table_reader& t, worker_group& into) {
  std::string file;
  std::string column;
  t.text("step_seconds_file", file);
  t.text("step_seconds_column", column);
  try {
    into.each_step_seconds = learning::read_column(file, column);
  } catch (const learning::data_error& error) {
    t.complain("step_seconds_file", error.what());
    return;
  }
  for (auto seconds : into.each_step_seconds)
    if (!(seconds >= listed_step_time.low && seconds <= listed_step_time.high))
      t.complain("step_seconds_file",
                 fmt::format("column {} holds {}, expected a number of at least {}"
                             " and at most {}",
                             column, seconds, listed_step_time.low, listed_step_time.high));
}

/// Reads one step time for each worker, from the config or from a file; `count` may be left out.
void read_step_list(table_reader& t, worker_group& into) {
  if (t.has("step_seconds_file"))
    read_step_file(t, into);
  else
    t.number_list("step_seconds", into.each_step_seconds, listed_step_time);
  const auto found = static_cast<std::uint32_t>(into.each_step_seconds.size());
  if (!t.has("count"))
    into.count = std::max(1u, found);
  if (found == 0 && t.has_empty_list("step_seconds"))
    t.complain("step_seconds", "found [], expected one a worker");
  else if (found > 0 && into.count != found) {
    t.complain("count", fmt::format("found {}, but step_seconds lists {}", into.count,
                                    learning::counted(found, "worker")));
    into.each_step_seconds.clear(); // whoever plans the workers has one for each, or none
  }
}

/// Reads the step time that all workers of the group share.
void read_step_time(table_reader& t, worker_group& into) {
  t.duration("step_seconds", into.step_seconds, step_time);
  if (into.step_seconds > 0 && into.step_seconds < listed_step_time.low)
    t.complain("step_seconds", fmt::format("found {}, must be 0 (as fast as it can) or at least {}",
                                           into.step_seconds, listed_step_time.low));
}

void read_step_seconds(table_reader& t, worker_group& into) {
  for (const auto* known : {"step_seconds", "step_seconds_file", "step_seconds_column"})
    t.expect(known);
  if (t.has("step_seconds_file") && (t.has("step_seconds") || t.has("speed")))
    t.complain("step_seconds_file", "step_seconds or speed says the same; expected one of them");
  if (t.has("step_seconds_column") && !t.has("step_seconds_file"))
    t.complain("step_seconds_column", "expected step_seconds_file beside it");
  if (t.has("step_seconds_file") || t.has_list("step_seconds"))
    read_step_list(t, into);
  else
    read_step_time(t, into);
}

/// One of several keys for the step time, which another key reads.
key<worker_group> said_otherwise(std::string name, key_kind kind, std::string sentence) {
  key<worker_group> x;
  x.name = std::move(name);
  x.kind = kind;
  x.sentence = std::move(sentence);
  x.absent = "step_seconds";
  x.read = [](table_reader&, worker_group&) {};
  x.write = [](const worker_group&) { return std::string{}; };
  return x;
}

key<worker_group> speed_key() {
  auto x = said_otherwise("speed", key_kind::number, "Steps per second; replaces step_seconds.");
  x.limits = step_rate;
  x.read = [](table_reader& t, worker_group& into) {
    double speed = 0;
    t.number("speed", speed, step_rate);
    if (t.has("speed") && t.has("step_seconds"))
      t.complain("speed", "step_seconds says the same; expected one of the two");
    else if (speed > 0)
      into.step_seconds = 1 / speed;
  };
  return x;
}

key<worker_group> step_seconds_key() {
  auto x = keys::make<worker_group>(
      "step_seconds", key_kind::other, {},
      "How long a step takes, however fast this machine is; 0: as fast as it can.",
      read_step_seconds, [](const worker_group& from) {
        std::vector<std::string> steps;
        for (auto step : from.each_step_seconds)
          steps.push_back(toml_number(step));
        return steps.empty() ? toml_number(from.step_seconds) : toml_list(steps);
      });
  x.looks = "a time such as \"50ms\", or a list of seconds, one a worker";
  x.example = "0.25";
  return x;
}

/// Points on one line, in the order of time.
key<device_options> throttle_key() {
  using point = throttle_point;
  const std::vector<key<point>> entries{
      keys::duration("from", &point::from, time_span, "Training time."),
      keys::number("factor", &point::factor, {1e-6, 1e6}, "Of step_seconds until the next point."),
  };
  auto x = keys::tables("throttle", &device_options::throttle, entries,
                        "Steps take longer: [{ from = \"30s\", factor = 4 }] means 4 times as long "
                        "from 30 s on.");
  x.read = [entries](table_reader& t, device_options& into) {
    t.tables("throttle", [&](table_reader& one) {
      point next;
      read_all(one, entries, next);
      if (!into.throttle.empty() && next.from < into.throttle.back().from)
        one.complain("from", "expected points in the order of time");
      into.throttle.push_back(next);
    });
  };
  x.example = "[{ from = 1, factor = 2 }]";
  x.write_tables = nullptr;
  x.write = [](const device_options& from) {
    std::vector<std::string> points;
    for (const auto& each : from.throttle)
      points.push_back(fmt::format("{{ from = {}, factor = {} }}", toml_number(each.from),
                                   toml_number(each.factor)));
    return toml_list(points);
  };
  return x;
}

std::string wrong_group_name(const worker_group& group) {
  return security::is_node_name(group.name)
             ? ""
             : fmt::format("found \"{}\", expected {}", group.name, security::node_name_rule);
}

std::string wrong_leave(const device_options& device) {
  return device.leave > 0 && device.leave <= device.join
             ? fmt::format("found {} s, expected a time after join, {} s; or 0: never",
                           device.leave, device.join)
             : "";
}

std::vector<key<device_options>> device_keys() {
  using namespace keys;
  using device = device_options;
  return {
      number("jitter", &device::jitter, {0, 2}, "Relative standard deviation of a step's time."),
      throttle_key(),
      duration("latency", &device::latency, time_span,
               "One-way latency of the link to the parameter server."),
      bandwidth("bandwidth", &device::bandwidth, "Bandwidth of that link; 0: unlimited."),
      number("data_share", &device::data_share, positive,
             "Relative size of each worker's share of the training data."),
      duration("join", &device::join, time_span, "When these workers join."),
      duration("leave", &device::leave, time_span, "When they leave, even if busy; 0: never.")
          .checked(wrong_leave),
  };
}

} // namespace

const std::vector<key<worker_group>>& worker_keys() {
  static const std::vector<key<worker_group>> all = [] {
    using namespace keys;
    std::vector<key<worker_group>> x{
        text("name", &worker_group::name,
             "Name of the group; its workers are NAME-0, NAME-1, ..., or NAME if there is only "
             "one.")
            .checked(wrong_group_name),
        whole("count", &worker_group::count, {1, 1e6}, "Workers of the group."),
        step_seconds_key(),
        speed_key(),
        said_otherwise("step_seconds_file", key_kind::text,
                       "A CSV file with a row for each worker, its step time in ..."),
        said_otherwise("step_seconds_column", key_kind::text, "... the column of this name."),
    };
    const auto more = within<worker_group>(
        [](auto& group) -> auto& { return group; }, device_keys());
    x.insert(x.end(), more.begin(), more.end());
    return x;
  }();
  return all;
}

void read_workers(const toml::table& root, job& plan, config_log& log) {
  const auto* node = root.get("workers");
  const auto* list = node != nullptr ? node->as_array() : nullptr;
  if (list == nullptr || list->empty()) {
    log.add(node, "workers", "expected at least one group of workers, [[workers]]");
    return;
  }
  std::size_t i = 0;
  for (const auto& element : *list) {
    const auto path = fmt::format("workers[{}]", i++);
    if (const auto* table = element.as_table()) {
      table_reader t{table, path, log};
      read_all(t, worker_keys(), plan.workers.emplace_back());
      t.finish();
    } else {
      log.add(&element, path, "expected a table, [[workers]]");
    }
  }
}

} // namespace adsp::apps
