// Nodes that have shards and workers both: each needs the shards of the other, and all come at
// once.
#include "tests/integration/node_cluster.hpp"

using program::cluster;

TEST_CASE_FIXTURE(cluster, "nodes with shards and workers that come at once train to the end") {
  REQUIRE(program::adsp("certs " + (path / "certs").string() + " --node s --node w-0 --node w-1")
              .exit == 0);
  common = {"--certificates", (path / "certs").string()}; // the longer both take to shake hands
  set("job.max_steps=300");
  set("cluster.start_with=2");
  set("workers.0.step_seconds=0.001");
  for (int round = 0; round < 6; ++round) {
    CAPTURE(round);
    for (int i : {0, 1})
      nodes.push_back(
          start("w-" + std::to_string(i), {"--role", "ps,worker", "--listen", local(ports[1 + i]),
                                           "--join", local(ports[0])}));
    const auto boss = scheduler();
    CHECK(boss->wait() == 0);
    INFO(boss->output());
    for (auto& node : nodes) {
      CHECK(node->wait() == 0);
      INFO(node->output());
      CHECK(program::count(node->output(), " training ") == 1);
    }
    nodes.clear();
    CHECK(summary()["end_reason"] == "max_steps");
    CHECK(summary()["workers"].size() == 2);
    std::filesystem::remove_all(path / "run");
  }
}

TEST_CASE_FIXTURE(cluster, "a scheduler with shards and workers, and another such node") {
  set("job.max_steps=300");
  set("cluster.start_with=2");
  nodes.push_back(start(
      "w-0", {"--role", "ps,worker", "--listen", local(ports[1]), "--join", local(ports[0])}));
  const auto boss = start("w-1", {"--role", "scheduler,ps,worker", "--listen", local(ports[0]),
                                  "--out", (path / "run").string()});
  CHECK(boss->wait() == 0);
  CHECK(nodes[0]->wait() == 0);
  CHECK(summary()["workers"].size() == 2);
}
