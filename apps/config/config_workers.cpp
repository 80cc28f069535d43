// [[workers]] of a config: the devices that take part.
#include "apps/config/config_parts.hpp"
#include "learning/data/text/number_files.hpp"
#include "learning/data_error.hpp"
#include "security/node_name.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace adsp::apps {

namespace {

/// The column of a CSV file, for instance of measured devices.
void read_step_file(table_reader& t, worker_group& x) {
  std::string file;
  std::string column;
  t.expect("step_seconds"); // beside it: a mistake of its own
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

/// The same for all workers of the group.
void read_step_time(table_reader& t, worker_group& x) {
  t.duration("step_seconds", x.step_seconds, step_time);
  if (x.step_seconds > 0 && x.step_seconds < listed_step_time.low)
    t.complain("step_seconds", fmt::format("found {}, must be 0 (as fast as it can) or at least {}",
                                           x.step_seconds, listed_step_time.low));
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
    read_step_time(t, x);
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
  if (!security::is_node_name(x.name))
    t.complain("name", fmt::format("found \"{}\", expected {}", x.name, security::node_name_rule));
  if (t.has("speed") && t.has("step_seconds"))
    t.complain("speed", "step_seconds says the same; expected one of the two");
  else if (speed > 0)
    x.step_seconds = 1 / speed;
  return x;
}

} // namespace

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

} // namespace adsp::apps
