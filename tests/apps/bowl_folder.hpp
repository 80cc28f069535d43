// A folder with a small job on a quadratic, for programs that simulate it: every kind of device, a
// second or less.
#pragma once

#include "tests/apps/program.hpp"
#include "tests/apps/scratch_folder.hpp"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace bowl {

namespace fs = std::filesystem;

inline constexpr std::string_view whole_job = R"([job]
name = "bowl"
max_time = "40s"
[data]
source = "quadratic"
samples = 500
dimensions = 8
noise = 0.5
[model]
kind = "quadratic"
[optimizer]
learning_rate = 0.05
batch_size = 4
[sync]
check_period = "4s"
probe_window = "5s"
epoch = "16s"
[evaluation]
interval = "1s"
[ps]
bandwidth = "1Mbit"
[[workers]]
name = "even"
count = 2
step_seconds = "100ms"
jitter = 0.2
latency = "10ms"
[[workers]]
name = "hot"
step_seconds = "200ms"
jitter = 0.1
bandwidth = "1Mbit"
throttle = [{ from = "10s", factor = 3 }, { from = "20s", factor = 1 }]
[[workers]]
name = "late"
step_seconds = "150ms"
join = "12s"
[[workers]]
name = "gone"
step_seconds = "150ms"
leave = "25s"
)";

inline const char* const run_files[] = {"metrics.csv", "workers.csv", "summary.json", "config.toml",
                                        "model.adsp"};

struct folder : program::scratch_folder {
  folder() : scratch_folder{"bowl"} { write("job.toml", std::string{whole_job}); }

  std::string job() const { return file("job.toml"); }

  /// Another config, written from scratch.
  std::string written(const std::string& text) const {
    write("other.toml", text);
    return file("other.toml");
  }

  nlohmann::json summary(const std::string& run) const {
    return nlohmann::json::parse(text(fs::path{run} / "summary.json"));
  }
};

/// All that the program knows.
inline std::vector<std::string> policy_names() {
  std::istringstream lines{program::adsp("policies").output};
  std::vector<std::string> names;
  for (std::string line; std::getline(lines, line);)
    if (!line.starts_with(' '))
      names.push_back(line.substr(0, line.find(' ')));
  REQUIRE(names.size() > 5);
  return names;
}

/// The policy with numbers that suit the job.
inline std::string under(const std::string& policy) {
  const std::set<std::string> by_steps{"fixed_adacomm",   "adacomm", "diloco", "fedopt",
                                       "async_local_sgd", "heloco",  "fedbuff"};
  return " --set sync.policy=" + policy + (policy == "ssp" ? " --set sync.staleness=3" : "") +
         (by_steps.contains(policy) ? " --set sync.local_steps=4" : "") +
         (policy == "fedopt" ? " --set ps.learning_rate=0.3" : "") +
         (policy == "adacomm" ? " --set sync.adapt_interval=8s" : "") + " ";
}

/// A job that runs away at once: each step multiplies the distance from the optimum by hundreds.
inline std::string runaway(const std::string& policy) {
  return " --set optimizer.learning_rate=1000 --set sync.policy=" + policy + " ";
}

} // namespace bowl
