// A job over six processes of `adsp node`, as the tests start and meddle with it.
#pragma once

#include "tests/integration/processes.hpp"

#include <nlohmann/json.hpp>

#include <map>
#include <memory>
#include <set>
#include <sstream>

namespace program {

/// The lease and the wait are long: when the machine stands still, no node is lost and none gives
/// up. A test about either sets its own.
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
lease = "120s"
wait = "300s"
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
  }
  ~cluster() {
    nodes.clear();
    std::filesystem::remove_all(path);
  }

  static std::string local(std::uint16_t port) { return "127.0.0.1:" + std::to_string(port); }

  std::unique_ptr<process> start(const std::string& name, std::vector<std::string> more) {
    std::vector<std::string> all{"node", (path / "job.toml").string(), "--name", name};
    all.insert(all.end(), more.begin(), more.end());
    all.insert(all.end(), common.begin(), common.end());
    // Several may have one name, and each has a log of its own.
    return std::make_unique<process>(all, path / (name + "." + std::to_string(++started) + ".log"),
                                     launcher);
  }
  std::unique_ptr<process> scheduler() {
    return start("s", {"--role", "scheduler", "--listen", local(ports[0]), "--out",
                       (path / "run").string()});
  }
  std::unique_ptr<process> ps(int i) {
    return start("p" + std::to_string(i),
                 {"--role", "ps", "--listen", local(ports[1 + i]), "--join", local(ports[0])});
  }
  std::unique_ptr<process> worker(const std::string& name) {
    return start(name, {"--role", "worker", "--join", local(ports[0])});
  }

  /// Two nodes with the shards and three with workers.
  void start_others() {
    for (int i : {0, 1})
      nodes.push_back(ps(i));
    for (const auto* name : {"w-0", "w-1", "w-2"})
      nodes.push_back(worker(name));
  }

  /// Waits until everybody has ended, the scheduler with this exit code, the others with 0.
  void check_ends(process& boss, int exit = 0) {
    CHECK(boss.wait() == exit);
    for (auto& node : nodes)
      CHECK(node->wait() == 0);
  }

  /// Runs the job from its beginning to its end.
  void run_to_the_end() {
    start_others();
    check_ends(*scheduler());
    nodes.clear();
  }

  void set(const std::string& what) {
    common.emplace_back("--set");
    common.push_back(what);
  }

  nlohmann::json summary() const {
    std::ifstream in{path / "run" / "summary.json"};
    return nlohmann::json::parse(in);
  }

  /// The whole rows of a run's table, each by the names of its columns.
  std::vector<std::map<std::string, std::string>> table(const std::string& run,
                                                        const std::string& file) const {
    std::ifstream in{path / run / file};
    std::vector<std::map<std::string, std::string>> rows;
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
      if (cells.size() != names.size()) // it is being written
        break;
      auto& found = rows.emplace_back();
      for (std::size_t i = 0; i < cells.size(); ++i)
        found[names[i]] = cells[i];
    }
    return rows;
  }

  /// Waits until the scheduler has counted steps of this worker, of so many lives: whoever comes
  /// back is another member. Then its node is no newcomer any more, whatever lines have been said.
  void until_trained(const std::string& name, std::size_t lives = 1) const {
    const auto trained = [&] {
      std::set<std::string> members;
      for (const auto& row : table("run", "workers.csv"))
        if (row.at("name") == name && row.at("steps") != "0")
          members.insert(row.at("worker"));
      return members.size() >= lives;
    };
    wait_until(trained, [&] { return "steps of " + name + " in workers.csv"; });
  }

  std::filesystem::path path;
  reserved_port ports[3];
  int started = 0;
  std::vector<std::string> common;
  std::vector<std::string> launcher; ///< the words of a command that starts a node
  std::vector<std::unique_ptr<process>> nodes;
};

} // namespace program
