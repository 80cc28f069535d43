#include "apps/report/report.hpp"
#include "apps/cli/lines.hpp"

#include "apps/cli/atomic_file.hpp"
#include "apps/cli/commands.hpp"
#include "apps/config/config.hpp"
#include "apps/report/report_data.hpp"
#include "learning/data/text/cell_text.hpp"
#include "sync/policies.hpp"

#include <fmt/format.h>

#include <map>
#include <stdexcept>

namespace adsp::apps {

namespace embedded {

extern const std::string_view page_html;
extern const std::string_view page_css;
extern const std::string_view values_js;
extern const std::string_view charts_js;
extern const std::string_view page_js;
extern const std::string_view chart_js;

} // namespace embedded

namespace {

using nlohmann::json;
namespace fs = std::filesystem;

constexpr const char* comparison_name = "compare.json";

std::string escaped_html(std::string_view text) {
  std::string x;
  for (const char c : text) {
    switch (c) {
    case '&':
      x += "&amp;";
      break;
    case '<':
      x += "&lt;";
      break;
    case '>':
      x += "&gt;";
      break;
    case '"':
      x += "&quot;";
      break;
    default:
      x += c;
    }
  }
  return x;
}

/// JSON that cannot end the script element around it.
std::string escaped_json(const json& data) {
  std::string x;
  for (const char c : data.dump(-1, ' ', false, json::error_handler_t::replace)) {
    if (c == '<')
      x += "\\u003c";
    else
      x += c;
  }
  return x;
}

/// The template with every @name@ replaced once; what is put in is not looked at again.
std::string filled(std::string_view page,
                   const std::map<std::string_view, std::string_view>& values) {
  std::string x;
  while (!page.empty()) {
    const auto start = page.find('@');
    x += page.substr(0, start);
    if (start == std::string_view::npos)
      break;
    page.remove_prefix(start + 1);
    const auto end = page.find('@');
    const auto value = values.find(page.substr(0, end));
    if (end == std::string_view::npos || value == values.end()) {
      x += '@';
      continue;
    }
    x += value->second;
    page.remove_prefix(end + 1);
  }
  return x;
}

std::string page(const std::string& title, const json& data) {
  const auto safe_title = escaped_html(title);
  const auto safe_data = escaped_json(data);
  return filled(embedded::page_html, {{"title", safe_title},
                                      {"version", ADSP_VERSION},
                                      {"style", embedded::page_css},
                                      {"chart", embedded::chart_js},
                                      {"values_js", embedded::values_js},
                                      {"charts_js", embedded::charts_js},
                                      {"page_js", embedded::page_js},
                                      {"data", safe_data}});
}

/// Throws std::runtime_error unless the page can rely on what it reads.
void check_comparison(const json& value, const fs::path& path) try {
  value.at("job").get<std::string>();
  if (!value.at("policies").is_array() || value.at("policies").empty())
    throw std::runtime_error{
        fmt::format("{}: the file is damaged: \"policies\" holds no policy", path.string())};
  for (const auto& policy : value.at("policies")) {
    policy.at("policy").get<std::string>();
    for (const auto& setting : policy.at("settings"))
      setting.get<std::string>();
    if (!policy.at("settings").is_array() || !policy.at("runs").is_array())
      throw std::runtime_error{fmt::format(
          "{}: the file is damaged: \"settings\" and \"runs\" must be lists", path.string())};
    for (const auto& run : policy.at("runs")) {
      run.at("seed").get<std::uint64_t>();
      run.at("directory").get<std::string>();
    }
  }
} catch (const json::exception& error) {
  throw std::runtime_error{fmt::format("{}: the file is damaged: {}", path.string(), error.what())};
}

std::string comparison_page(const fs::path& directory) {
  const auto path = directory / comparison_name;
  const auto text = file_text(path);
  const auto comparison = parsed_object(text, path);
  check_comparison(comparison, path);
  std::vector<reported_run> runs;
  for (const auto& policy : comparison["policies"])
    for (const auto& run : policy["runs"])
      runs.push_back(
          {policy["policy"], run["seed"], directory / run["directory"].get<std::string>()});
  return report_html(comparison["job"], runs, text);
}

/// What config.toml says of a run without a summary.
json plan_of(const fs::path& directory) {
  const auto path = directory / "config.toml";
  const auto read = read_config(path.string(), {});
  if (!read.errors.empty())
    throw std::runtime_error{fmt::format("{}: the run has no summary.json, and of config.toml: {}",
                                         directory.string(), to_string(read.errors.front()))};
  return {{"job", read.value.name},
          {"policy", sync::to_string(read.value.sync.policy)},
          {"seed", read.value.seed}};
}

} // namespace

std::string report_html(const std::string& title, const std::vector<reported_run>& runs,
                        const std::string& comparison) {
  json data = {{"title", title}, {"comparison", nullptr}, {"runs", json::array()}};
  if (!comparison.empty()) {
    data["comparison"] = parsed_object(comparison, comparison_name);
    check_comparison(data["comparison"], comparison_name);
    std::size_t expected = 0;
    for (auto& policy : data["comparison"]["policies"]) {
      policy["first_run"] = expected;
      expected += policy["runs"].size();
      policy["runs"] = policy["runs"].size(); // the page shows no paths of this machine
    }
    if (expected != runs.size())
      throw std::runtime_error{fmt::format("{}: has {}, expected the {} given", comparison_name,
                                           learning::counted(expected, "run"), runs.size())};
  }
  for (const auto& run : runs) {
    auto shown = run_data(run.directory);
    shown["policy"] = run.policy;
    shown["seed"] = run.seed;
    data["runs"].push_back(std::move(shown));
  }
  return page(title, data);
}

std::string report_html(const fs::path& directory) {
  std::error_code error;
  if (!fs::is_directory(directory, error))
    throw std::runtime_error{fmt::format("{}: there is no such directory", directory.string())};
  if (fs::exists(directory / comparison_name, error))
    return comparison_page(directory);
  if (!fs::exists(directory / "metrics.csv", error))
    throw std::runtime_error{fmt::format("{}: neither a run's directory (no metrics.csv) nor a "
                                         "comparison's (no {})",
                                         directory.string(), comparison_name)};
  auto run = run_data(directory);
  const auto& summary = run["summary"];
  const auto plan = summary.is_null() ? plan_of(directory) : summary;
  const std::string title = plan["job"];
  run["policy"] = plan["policy"];
  run["seed"] = plan["seed"];
  return page(title,
              {{"title", title}, {"comparison", nullptr}, {"runs", json::array({std::move(run)})}});
}

int report_command(const report_arguments& arguments) {
  const fs::path directory{arguments.directory};
  std::string html;
  try {
    html = report_html(directory);
  } catch (const std::exception& error) {
    log_line(error.what());
    return bad_input;
  }
  const auto path = arguments.out ? fs::path{*arguments.out} : directory / "report.html";
  try {
    write_atomically(path, html);
  } catch (const std::exception& error) {
    log_line(error.what());
    return failed;
  }
  fmt::print("{}\n", path.string());
  return success;
}

} // namespace adsp::apps
