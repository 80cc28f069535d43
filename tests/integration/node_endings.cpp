// How nodes of a cluster end, and how they begin when not all is as it should be: the end of the
// job, whoever is away then, Ctrl-C where the shards are, a scheduler that stands still, peers that
// are not reached.
#include "tests/integration/node_cluster.hpp"

#include <sys/stat.h>

namespace fs = std::filesystem;

using program::cluster;
using program::count;

TEST_CASE_FIXTURE(cluster, "who comes while the job ends is told that it is over") {
  // The guests have all they need before the end: it waits 30 s for a worker's last counts, no
  // longer.
  std::map<std::string, std::unique_ptr<program::process>> guests;
  for (const auto* name : {"late", "later"})
    guests[name] = worker(name);
  for (const auto& [name, guest] : guests) {
    guest->until("waiting for");
    guest->send(SIGSTOP);
  }
  start_others();
  const auto boss = scheduler();
  boss->until("time=");
  nodes[2]->send(SIGSTOP);
  boss->send(SIGINT);
  boss->until("job=cluster ending");
  for (const auto& [name, guest] : guests)
    guest->send(SIGCONT);
  for (const auto& [name, guest] : guests) {
    CHECK(guest->wait() == 0);
    const auto said = guest->output();
    CHECK(said.find("the job is over") != std::string::npos);
    CHECK(count(said, "reason=") ==
          count(said, "reason=\"not reached")); // before the scheduler was
    CHECK(count(boss->output(), "node=" + name + " admitted role") == 0);
  }
  boss->until("job=cluster waiting for the last counts of w-0, for 30 s at most");
  nodes[2]->send(SIGCONT);
  check_ends(*boss, 130);
}

TEST_CASE_FIXTURE(cluster, "a node that was away when the job ended ends by itself") {
  set("cluster.lease=10s"); // over before the end is, which waits 30 s for a worker's last counts
  set("cluster.wait=20s");
  start_others();
  const auto boss = scheduler();
  until_trained("w-0");
  nodes[2]->send(SIGSTOP);
  boss->send(SIGINT);
  CHECK(boss->wait(program::patience + std::chrono::seconds{30}) == 130);
  nodes[2]->send(SIGCONT);
  for (auto& node : nodes)
    CHECK(node->wait(program::patience + std::chrono::seconds{20}) == 0);
  CHECK(nodes[2]->output().find("assumes that the job has ended") != std::string::npos);
}

TEST_CASE_FIXTURE(cluster, "a job that never began leaves the run directory as it was") {
  const auto run = path / "run";
  bool was_there = false;
  SUBCASE("which was not there") {}
  SUBCASE("which was there, and empty") {
    was_there = fs::create_directory(run);
  }
  const auto boss = scheduler();
  boss->until("waiting for");
  CHECK(fs::exists(run / "config.toml"));
  boss->send(SIGINT);
  CHECK(boss->wait() == 130);
  CHECK(fs::exists(run) == was_there);
  if (was_there)
    CHECK(fs::is_empty(run));
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
  set("cluster.lease=6s");
  set("cluster.wait=30s"); // for a worker that the end finds away once more
  start_others();
  const auto boss = scheduler();
  for (const auto* name : {"w-0", "w-1", "w-2"})
    until_trained(name);
  boss->send(SIGSTOP);
  for (auto i : {2, 3, 4}) // a worker has nothing to lose
    nodes[static_cast<std::size_t>(i)]->until("the scheduler has not been heard from");
  boss->send(SIGCONT);
  for (const auto* name : {"w-0", "w-1", "w-2"})
    until_trained(name, 2);
  for (const auto* name : {"p0", "p1"})
    CHECK(count(boss->output(), "node=" + std::string{name} + " lost") == 0);
  boss->send(SIGINT);
  check_ends(*boss, 130);
  CHECK(fs::exists(path / "run" / "model.adsp"));
  CHECK(summary()["end_reason"] == "interrupted");
}

TEST_CASE_FIXTURE(cluster,
                  "a worker that reaches the scheduler but no shard asks less and less often") {
  set("cluster.wait=20s");
  const program::reserved_port nowhere;
  const auto boss = scheduler();
  nodes.push_back(ps(0));
  nodes.push_back(start("p1", {"--role", "ps", "--listen", local(ports[2]), "--join",
                               local(ports[0]), "--address", local(nowhere)}));
  boss->until("job=cluster ready"); // what the worker waits for from here on is a shard alone
  nodes.push_back(worker("w-0"));
  CHECK(nodes[2]->wait() == 1);
  boss->wait();
  const auto said = boss->output();
  CHECK(count(said, "node=w-0 admitted role") >= 2);
  // After 0, 0.2, 0.6, 1.4, 3, 6.2, 11.2, 16.2, 21.2 s.
  CHECK(count(said, "node=w-0 admitted role") <= 9);
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
  check_ends(*boss);
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
  check_ends(*boss);
}

TEST_CASE_FIXTURE(cluster, "a node whose log cannot be written does its work all the same") {
  set("job.max_steps=300");
  const auto fifo = (path / "log").string();
  REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
  // Open, and nobody reads it any more.
  const auto closed = "exec 3<>" + fifo + " 2>" + fifo + " 3>&-; exec \"$@\"";
  const std::string full = "exec \"$@\" 2>/dev/full";
  for (const auto& command : {full, closed}) {
    CAPTURE(command);
    launcher = {"sh", "-c", command, "sh"};
    run_to_the_end();
    CHECK(summary()["end_reason"] == "max_steps");
    for (const auto* file : {"config.toml", "metrics.csv", "workers.csv", "model.adsp"})
      CHECK(fs::exists(path / "run" / file));
    fs::remove_all(path / "run");
  }
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
