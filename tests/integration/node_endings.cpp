// How nodes of a cluster end, and how they begin when not all is as it should be: the end of the job, whoever
// is away then, Ctrl-C where the shards are, a scheduler that stands still, peers that are not reached.
#include "tests/integration/node_cluster.hpp"

namespace fs = std::filesystem;

using program::cluster;
using program::count;

TEST_CASE_FIXTURE(cluster, "who comes while the job ends is told that it is over") {
  set("cluster.lease=60s");
  start_others();
  const auto boss = scheduler();
  boss->until("time=");
  nodes[2]->until("training");
  nodes[2]->send(SIGSTOP); // the end waits for its last counts
  boss->send(SIGINT);
  boss->until("job=cluster ending");
  for (const auto* name : {"late", "later"}) {
    const auto guest = worker(name);
    CHECK(guest->wait() == 0);
    CHECK(guest->output().find("the job is over") != std::string::npos);
    CHECK(count(guest->output(), "reason=") == 0);
  }
  boss->until("job=cluster waiting for the last counts of w-0, for 30 s at most");
  nodes[2]->send(SIGCONT);
  CHECK(boss->wait() == 130);
  for (auto& node : nodes)
    CHECK(node->wait() == 0);
}

TEST_CASE_FIXTURE(cluster, "a node that was away when the job ended ends by itself") {
  set("cluster.wait=15s");
  start_others();
  const auto boss = scheduler();
  boss->until("time=");
  nodes[2]->until("training");
  nodes[2]->send(SIGSTOP);
  boss->send(SIGINT);
  CHECK(boss->wait() == 130);
  nodes[2]->send(SIGCONT);
  for (auto& node : nodes)
    CHECK(node->wait() == 0);
  CHECK(nodes[2]->output().find("takes the job as over") != std::string::npos);
}

TEST_CASE_FIXTURE(cluster, "Ctrl-C on a node with shards ends the job with the model on disk") {
  start_others();
  const auto boss = scheduler();
  boss->until("time=", 2);
  nodes[0]->send(SIGINT);
  CHECK(nodes[0]->wait() == 130);
  CHECK(boss->wait() == 130);
  for (std::size_t i = 1; i < nodes.size(); ++i)
    CHECK(nodes[i]->wait() == 0);
  CHECK(boss->output().find("ending reason=\"node p0, which has shards, was asked to leave") !=
        std::string::npos);
  CHECK(fs::exists(path / "run" / "model.adsp"));
  const auto end = summary();
  CHECK(end["end_reason"] == "interrupted");
  CHECK(end["text"].get<std::string>().find("p0") != std::string::npos);
}

TEST_CASE_FIXTURE(cluster,
                  "a scheduler that stands still for longer than the lease loses no shards") {
  set("cluster.lease=2s");
  set("cluster.wait=30s"); // for a worker that the end finds away once more
  start_others();
  const auto boss = scheduler();
  boss->until("time=");
  for (auto i : {2, 3, 4})
    nodes[static_cast<std::size_t>(i)]->until("training");
  boss->send(SIGSTOP);
  for (auto i : {2, 3, 4}) // a worker has nothing to lose
    nodes[static_cast<std::size_t>(i)]->until("the scheduler is not heard of");
  boss->send(SIGCONT);
  for (auto i : {2, 3, 4})
    nodes[static_cast<std::size_t>(i)]->until("training", 2);
  CHECK(boss->output().find("node=p0 lost") == std::string::npos);
  boss->send(SIGINT);
  CHECK(boss->wait() == 130);
  for (auto& node : nodes)
    CHECK(node->wait() == 0);
  CHECK(fs::exists(path / "run" / "model.adsp"));
  CHECK(summary()["end_reason"] == "interrupted");
}

TEST_CASE_FIXTURE(cluster,
                  "a worker that reaches the scheduler but no shard asks less and less often") {
  set("cluster.wait=10s");
  nodes.push_back(ps(0));
  nodes.push_back(start("p1", {"--role", "ps", "--listen", local(ports[2]), "--join",
                               local(ports[0]), "--address", local(program::free_port())}));
  nodes.push_back(worker("w-0"));
  const auto boss = scheduler();
  CHECK(nodes[2]->wait() == 1);
  boss->wait();
  const auto said = boss->output();
  CHECK(count(said, "node=w-0 joined") >= 2);
  CHECK(count(said, "node=w-0 joined") <= 8); // after 0.2, 0.6, 1.4, 3, 6.2, 11.2 s
  CHECK(nodes[2]->output().find("the ps node at ") != std::string::npos);
}

TEST_CASE_FIXTURE(cluster, "a free port is told to the workers, and is no place to join") {
  set("job.max_steps=300");
  nodes.push_back(ps(0));
  nodes.push_back(
      start("p1", {"--role", "ps", "--listen", "127.0.0.1:0", "--join", local(ports[0])}));
  nodes[0]->until("listening");
  const auto lost = start("lost", {"--role", "worker", "--join", local(ports[1])});
  lost->until("what listens there is a node with another role");
  lost->send(SIGINT);
  CHECK(lost->wait() == 130);
  for (const auto* name : {"w-0", "w-1", "w-2"})
    nodes.push_back(worker(name));
  const auto boss = scheduler();
  CHECK(boss->wait() == 0);
  for (auto& node : nodes)
    CHECK(node->wait() == 0);
  CHECK(nodes[1]->output().find("address=127.0.0.1:0") == std::string::npos);
}

TEST_CASE_FIXTURE(cluster, "a worker's machine needs the training files alone") {
  set("job.max_steps=300");
  set("cluster.start_with=1");
  for (const auto* name : {"train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"})
    fs::create_symlink(fs::path{"/usr/share/datasets/fashion-mnist"} / name, path / name);
  for (int i : {0, 1})
    nodes.push_back(ps(i));
  const auto boss = scheduler();
  set("data.path=" + path.string());
  nodes.push_back(worker("w-0"));
  CHECK(boss->wait() == 0);
  for (auto& node : nodes)
    CHECK(node->wait() == 0);
}

TEST_CASE_FIXTURE(cluster, "a port that is in use is said, and no run directory is left") {
  const auto first = ps(0);
  first->until("listening");
  const auto boss = start(
      "s", {"--role", "scheduler", "--listen", local(ports[1]), "--out", (path / "run").string()});
  CHECK(boss->wait() == 1);
  CHECK(boss->output().find("cannot listen on " + local(ports[1])) != std::string::npos);
  CHECK(boss->output().find("Address already in use") != std::string::npos);
  CHECK_FALSE(fs::exists(path / "run"));
}
