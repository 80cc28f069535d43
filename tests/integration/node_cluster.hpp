// A job over six processes of `adsp node`, as the tests start and meddle with it.
#pragma once

#include "tests/integration/processes.hpp"

#include <nlohmann/json.hpp>

#include <map>
#include <memory>
#include <sstream>

namespace program {

inline constexpr const char* config = R"([job]
name = "cluster"
max_steps = 1000000
[data]
source = "fashion-mnist"
train_limit = 6000
test_limit = 1000
[model]
kind = "mlp"
hidden = [32]
[optimizer]
learning_rate = 0.1
batch_size = 32
[sync]
policy = "adsp"
check_period = "500ms"
commit_rate = 4
[evaluation]
interval = "200ms"
[ps]
shard_size = 8192
[cluster]
ps_nodes = 2
lease = "3s"
wait = "60s"
[[workers]]
name = "w"
count = 3
step_seconds = [0.002, 0.004, 0.008]
)";

struct cluster {
  cluster()
      : path{std::filesystem::temp_directory_path() /
             ("adsp-nodes-" + std::to_string(::getpid()))} {
    std::filesystem::remove_all(path);
    std::filesystem::create_directories(path);
    std::ofstream{path / "job.toml"} << config;
    for (auto& each : ports)
      each = program::free_port();
  }
  ~cluster() {
    nodes.clear();
    std::filesystem::remove_all(path);
  }

  static std::string local(std::uint16_t port) { return "127.0.0.1:" + std::to_string(port); }

  std::unique_ptr<process> start(const std::string& name, std::vector<std::string> more) const {
    std::vector<std::string> all{"node", (path / "job.toml").string(), "--name", name};
    all.insert(all.end(), more.begin(), more.end());
    all.insert(all.end(), common.begin(), common.end());
    return std::make_unique<process>(all, path / (name + ".log"));
  }
  std::unique_ptr<process> scheduler() const {
    return start("s", {"--role", "scheduler", "--listen", local(ports[0]), "--out",
                       (path / "run").string()});
  }
  std::unique_ptr<process> ps(int i) const {
    return start("p" + std::to_string(i),
                 {"--role", "ps", "--listen", local(ports[1 + i]), "--join", local(ports[0])});
  }
  std::unique_ptr<process> worker(const std::string& name) const {
    return start(name, {"--role", "worker", "--join", local(ports[0])});
  }

  /// Two nodes with the shards and three with workers.
  void start_others() {
    for (int i : {0, 1})
      nodes.push_back(ps(i));
    for (const auto* name : {"w-0", "w-1", "w-2"})
      nodes.push_back(worker(name));
  }

  void set(const std::string& what) {
    common.push_back("--set");
    common.push_back(what);
  }

  nlohmann::json summary() const {
    std::ifstream in{path / "run" / "summary.json"};
    return nlohmann::json::parse(in);
  }

  /// The rows of the run's metrics.csv, each as numbers by the names of its columns.
  std::vector<std::map<std::string, double>> metrics(const std::string& run = "run") const {
    std::ifstream in{path / run / "metrics.csv"};
    std::vector<std::map<std::string, double>> rows;
    std::vector<std::string> names;
    for (std::string line; std::getline(in, line);) {
      std::vector<std::string> cells;
      std::istringstream row{line};
      for (std::string cell; std::getline(row, cell, ',');)
        cells.push_back(cell);
      if (names.empty()) {
        names = cells;
        continue;
      }
      auto& found = rows.emplace_back();
      for (std::size_t i = 0; i < cells.size() && i < names.size(); ++i)
        found[names[i]] = std::stod(cells[i]);
    }
    return rows;
  }

  std::filesystem::path path;
  std::uint16_t ports[3];
  std::vector<std::string> common;
  std::vector<std::unique_ptr<process>> nodes;
};

} // namespace program
