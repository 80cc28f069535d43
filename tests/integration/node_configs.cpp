// The configs for clusters that come with the program, started as their comments say, over loopback
// and for a short time.
#include "tests/integration/node_cluster.hpp"

using program::cluster;

namespace {

struct fixture : cluster {
  fixture() {
    set("data.train_limit=6000");
    set("data.test_limit=1000");
    set("sync.check_period=200ms");
    set("sync.probe_window=1s");
    set("evaluation.interval=200ms");
    // No node is lost, and none gives up, because the machine stood still.
    set("cluster.lease=120s");
    set("cluster.wait=300s");
  }

  void use(const std::string& config) {
    std::filesystem::copy_file(std::filesystem::path{ADSP_CONFIGS} / config, path / "job.toml",
                               std::filesystem::copy_options::overwrite_existing);
  }

  std::unique_ptr<program::process> lead(const std::string& name, const std::string& roles) {
    return start(name,
                 {"--role", roles, "--listen", local(ports[0]), "--out", (path / "run").string()});
  }

  /// Waits for everybody's end; that of the job.
  nlohmann::json end_of(program::process& boss, int exit = 0) {
    check_ends(boss, exit);
    CHECK(std::filesystem::exists(path / "run" / "model.adsp"));
    return summary();
  }
};

std::set<std::string> names(const nlohmann::json& summary) {
  std::set<std::string> found;
  for (const auto& x : summary["workers"]) {
    CHECK(x["steps"] > 0);
    found.insert(x["name"]);
  }
  return found;
}

} // namespace

TEST_CASE_FIXTURE(fixture, "two machines: one leads, owns the parameters and trains, so does "
                           "another, and comes first") {
  use("two-machines.toml");
  set("job.max_steps=800");
  nodes.push_back(worker("b"));
  nodes[0]->until("waiting for " + local(ports[0]));
  const auto boss = lead("a", "scheduler,ps,worker");
  const auto end = end_of(*boss);
  CHECK(end["end_reason"] == "max_steps");
  CHECK(names(end) == std::set<std::string>{"a", "b"});
  CHECK(end["final_accuracy"] > 0.5);
}

TEST_CASE_FIXTURE(fixture, "18 workers on one node, which has the name of their group") {
  use("cluster18.toml");
  set("job.max_steps=1500");
  set("evaluation.target_accuracy=0");
  nodes.push_back(worker("w"));
  const auto boss = lead("s", "scheduler,ps");
  const auto end = end_of(*boss);
  CHECK(end["end_reason"] == "max_steps");
  CHECK(names(end).size() == 18);
  CHECK(end["final_accuracy"] > 0.5);
}

TEST_CASE_FIXTURE(fixture,
                  "12 workers on nodes of their own begin, and one more is welcome later") {
  use("cluster18.toml");
  set("evaluation.target_accuracy=0"); // it goes on until all have been seen
  const auto boss = lead("s", "scheduler,ps");
  for (int i = 0; i < 12; ++i)
    nodes.push_back(worker("w-" + std::to_string(i)));
  until_trained("w-11");
  nodes.push_back(worker("w-17"));
  until_trained("w-17");
  boss->send(SIGINT);
  const auto end = end_of(*boss, 130);
  CHECK(end["end_reason"] == "interrupted");
  CHECK(names(end).size() == 13);
}
