// Run directories as a run would have left them, for tests of the report.
#pragma once

#include "tests/apps/scratch_folder.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <stdexcept>
#include <string>

namespace written {

using nlohmann::json;
namespace fs = std::filesystem;

inline const std::string metrics_csv =
    "seconds,loss,accuracy,steps,commits,bytes,commit_rate,local_steps\n"
    "0.5,2.5,0.1,0,0,0,1,1\n"
    "1.5,nan,0.25,40,8,1000,2,1\n";

inline const std::string workers_header =
    "seconds,worker,name,steps,commits,new_commits,commit_rate,commit_target,"
    "compute_seconds,communicate_seconds,wait_seconds";
inline const std::string workers_csv = workers_header +
                                       "\n1,0,fast,20,4,4,4,4,0.9,0.1,0\n"
                                       "1,1,\"slow, old\",10,2,2,4,4,0.5,0.1,0.4\n";

inline json worker(const std::string& name) {
  return {{"name", name},
          {"steps", 20},
          {"commits", 4},
          {"left", false},
          {"time_share", {{"compute", 0.9}, {"communicate", 0.1}, {"wait", 0}, {"search", 0}}}};
}

inline json summary(const std::string& job) {
  return {{"job", job},
          {"policy", "adsp"},
          {"seed", 7},
          {"virtual_time", false},
          {"end_reason", "max_time"},
          {"text", ""},
          {"target_reached", false},
          {"time_to_target_s", nullptr},
          {"duration_s", 1.5},
          {"evaluated_at_s", 1.5},
          {"final_loss", nullptr},
          {"final_accuracy", 0.25},
          {"steps", 30},
          {"commits", 6},
          {"bytes", 1000},
          {"time_share", {{"compute", 0.7}, {"communicate", 0.1}, {"wait", 0.2}, {"search", 0}}},
          {"workers", json::array({worker("slow, old"), worker("fast")})}};
}

struct folder : program::scratch_folder {
  folder() : scratch_folder{"report"} {}

  void write(const fs::path& name, const std::string& text) const {
    fs::create_directories((path / name).parent_path());
    scratch_folder::write(name, text);
  }

  void write_run(const fs::path& name, const std::string& job = "job") const {
    write(name / "metrics.csv", metrics_csv);
    write(name / "workers.csv", workers_csv);
    write(name / "summary.json", summary(job).dump());
  }
};

/// The JSON inside the page.
inline json data_of(const std::string& html) {
  const std::string start = "<script type=\"application/json\" id=\"data\">";
  const auto from = html.find(start);
  REQUIRE(from != std::string::npos);
  const auto first = from + start.size();
  return json::parse(html.substr(first, html.find("</script>", first) - first));
}

/// The error is one line that holds both parts.
template <class Action>
void check_refused(Action action, const std::string& file, const std::string& reason) {
  std::string text;
  try {
    action();
  } catch (const std::runtime_error& error) {
    text = error.what();
  }
  CAPTURE(text);
  CHECK(text.find(file) != std::string::npos);
  CHECK(text.find(reason) != std::string::npos);
  CHECK(text.find('\n') == std::string::npos);
}

} // namespace written
