#include "apps/report/report_data.hpp"

#include "apps/cli/atomic_file.hpp"
#include "apps/report/report_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <tuple>

namespace adsp::apps {

namespace {

using nlohmann::json;
namespace fs = std::filesystem;

/// Seven digits are more than a chart shows.
json shortened(double value) {
  if (!std::isfinite(value))
    return nullptr;
  return std::stod(fmt::format("{:.7g}", value));
}

json thinned(const std::vector<double>& list) {
  json values = json::array();
  for (const auto i : kept_points(list.size()))
    values.push_back(shortened(list[i]));
  return values;
}

json metrics(const report_table& table) {
  json columns = json::object();
  for (const auto* name :
       {"seconds", "loss", "accuracy", "steps", "commits", "bytes", "commit_rate", "local_steps"})
    columns[name] = thinned(table.numbers(name));
  return columns;
}

/// The workers' rates within one check period.
struct period {
  std::size_t workers = 0;
  double sum = 0;
  double lowest = HUGE_VAL;
  double highest = 0;
  double momentum = 0;
};

/// Lines over time from a table with a row a worker and check period.
json periods(const report_table& table) {
  const auto seconds = table.numbers("seconds");
  const auto rates = table.numbers("new_commits");
  const bool has_momentum = table.has("implicit_momentum");
  const auto momentum = has_momentum ? table.numbers("implicit_momentum") : std::vector<double>{};
  std::map<double, period> by_time;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    auto& p = by_time[seconds[row]];
    ++p.workers;
    p.sum += rates[row];
    p.lowest = std::min(p.lowest, rates[row]);
    p.highest = std::max(p.highest, rates[row]);
    p.momentum = has_momentum ? momentum[row] : 0;
  }
  std::vector<double> times, mean, lowest, highest, implicit;
  for (const auto& [time, p] : by_time) {
    times.push_back(time);
    mean.push_back(p.sum / static_cast<double>(p.workers));
    lowest.push_back(p.lowest);
    highest.push_back(p.highest);
    implicit.push_back(p.momentum);
  }
  return {{"seconds", thinned(times)},
          {"mean", thinned(mean)},
          {"lowest", thinned(lowest)},
          {"highest", thinned(highest)},
          {"momentum", has_momentum ? thinned(implicit) : json(nullptr)}};
}

/// Whether `a` comes before `b`, numbers in names by value: board-2 before board-10.
bool name_before(const std::string& a, const std::string& b) {
  const auto split = [](const std::string& text) {
    const auto end = text.find_last_not_of("0123456789");
    const auto start = end == std::string::npos ? 0 : end + 1;
    const auto digits = text.substr(start);
    const auto first = std::min(digits.find_first_not_of('0'), digits.size());
    return std::tuple{text.substr(0, start), digits.size() - first, digits.substr(first), text};
  };
  return split(a) < split(b);
}

/// The workers to show, out of summary.json, where they stand as they ended.
json shown_workers(const json& all) {
  std::vector<json> workers = all;
  std::sort(workers.begin(), workers.end(), [](const json& a, const json& b) {
    return name_before(a.at("name").get<std::string>(), b.at("name").get<std::string>());
  });
  workers.resize(std::min(workers.size(), max_workers));
  return workers;
}

/// Throws json::exception where summary.json is not as it must be.
void add_summary(json& run, json summary) {
  const auto workers = summary.at("workers");
  for (const auto& worker : workers) {
    worker.at("name").get<std::string>();
    worker.at("steps").get<std::uint64_t>();
    worker.at("commits").get<std::uint64_t>();
    for (const auto* share : {"compute", "communicate", "wait"})
      worker.at("time_share").at(share).get<double>();
  }
  for (const auto* key : {"job", "policy", "end_reason"})
    summary.at(key).get<std::string>();
  for (const auto* key : {"steps", "commits", "bytes", "duration_s"})
    summary.at(key).get<double>();
  for (const auto* share : {"compute", "communicate", "wait", "search"})
    summary.at("time_share").at(share).get<double>();
  summary.at("seed").get<std::uint64_t>();
  for (const auto* key : {"time_to_target_s", "final_loss", "final_accuracy"})
    summary.at(key);
  run["workers"] = shown_workers(workers);
  run["workers_in_all"] = workers.size();
  summary.erase("workers");
  run["summary"] = std::move(summary);
}

} // namespace

std::vector<std::size_t> kept_points(std::size_t count, std::size_t limit) {
  const auto kept = std::min(count, limit);
  std::vector<std::size_t> indices(kept);
  for (std::size_t i = 0; i < kept; ++i)
    indices[i] = kept == count ? i : i * (count - 1) / (kept - 1);
  return indices;
}

std::string file_text(const fs::path& path) {
  std::ifstream file{path, std::ios::binary};
  std::ostringstream text;
  if (!file || (file.peek() != EOF && !(text << file.rdbuf())) || file.bad())
    throw std::runtime_error{system_error_text(path, "cannot be read")};
  return std::move(text).str();
}

json parsed_object(const std::string& text, const fs::path& path) {
  auto x = json::parse(text, nullptr, false);
  if (!x.is_object())
    throw std::runtime_error{
        fmt::format("{}: the file is damaged: it is no JSON object", path.string())};
  return x;
}

std::string whole_lines(std::string text) {
  text.resize(text.rfind('\n') + 1); // npos + 1 is 0
  return text;
}

json run_data(const fs::path& directory) {
  json run = {{"metrics", metrics(report_table{directory / "metrics.csv"})},
              {"periods", periods(report_table{directory / "workers.csv"})}};
  const auto path = directory / "summary.json";
  if (std::error_code unknown; !fs::exists(path, unknown)) {
    run["summary"] = nullptr;
    run["workers"] = json::array();
    run["workers_in_all"] = 0;
    return run;
  }
  auto summary = parsed_object(file_text(path), path);
  try {
    add_summary(run, std::move(summary));
  } catch (const json::exception& error) {
    throw std::runtime_error{
        fmt::format("{}: the file is damaged: {}", path.string(), error.what())};
  }
  return run;
}

} // namespace adsp::apps
