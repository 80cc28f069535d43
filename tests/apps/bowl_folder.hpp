// A folder with a small job on a quadratic, for programs that simulate it: every kind of device, a
// second or less.
#pragma once

#include "tests/apps/program.hpp"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <unistd.h>

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
local_steps = 4
staleness = 3
adapt_interval = "8s"
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

inline std::string bytes_of(const fs::path& file) {
  std::ifstream in{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

struct folder {
  folder() : path{fs::temp_directory_path() / ("adsp-bowl-" + std::to_string(::getpid()))} {
    fs::remove_all(path);
    fs::create_directories(path);
    std::ofstream{path / "job.toml"} << whole_job;
  }
  ~folder() { fs::remove_all(path); }

  std::string out(const std::string& name) const { return (path / name).string(); }
  std::string job() const { return out("job.toml"); }

  /// Another config, written from scratch.
  std::string written(const std::string& text) const {
    std::ofstream{path / "other.toml"} << text;
    return out("other.toml");
  }

  nlohmann::json summary(const std::string& run) const {
    return nlohmann::json::parse(bytes_of(path / run / "summary.json"));
  }

  fs::path path;
};

/// A job that runs away at once: each step multiplies the distance from the optimum by hundreds.
inline std::string runaway(const std::string& policy) {
  return " --set optimizer.learning_rate=1000 --set sync.policy=" + policy + " ";
}

} // namespace bowl
