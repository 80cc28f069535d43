// Connections that end in the middle of a job: without a word, as when a router forgets them or a
// machine's address changes, so that both ends take them for sound and nothing comes through; or
// with one, and new ones can be made; or with the node at the other end.
#include "tests/integration/node_cluster.hpp"

#include <csignal>

using program::process;

namespace {

/// The job, and a link that its nodes may talk through.
struct broken_links : program::cluster {
  broken_links() { set("cluster.lease=5s"); }

  /// Passes on what comes to `link` to a port of this machine.
  std::unique_ptr<process> relay_to(std::uint16_t target) {
    return std::make_unique<process>(std::vector<std::string>{"127.0.0.1", std::to_string(link),
                                                              "127.0.0.1", std::to_string(target),
                                                              "0", "0"},
                                     path / "relay.log", std::vector<std::string>{}, ADSP_RELAY);
  }

  /// Nodes with the shards, the first one behind a link.
  std::unique_ptr<process> relay_to_shards() {
    nodes.push_back(start("p0", {"--role", "ps", "--listen", local(ports[1]), "--address",
                                 local(link), "--join", local(ports[0])}));
    nodes.push_back(ps(1));
    return relay_to(ports[1]);
  }

  /// All end as they should when the job does.
  void check_end() {
    boss->send(SIGINT);
    check_ends(*boss, 130);
    CHECK(summary()["end_reason"] == "interrupted");
    CHECK(std::filesystem::exists(path / "run" / "model.adsp"));
  }

  program::reserved_port link;
  std::unique_ptr<process> boss;
};

} // namespace

TEST_CASE_FIXTURE(broken_links, "a worker whose connection to the scheduler breaks comes back") {
  const auto relay = relay_to(ports[0]);
  for (int i : {0, 1})
    nodes.push_back(ps(i));
  nodes.push_back(worker("w-0"));
  nodes.push_back(worker("w-1"));
  nodes.push_back(start("w-2", {"--role", "worker", "--join", local(link)}));
  boss = scheduler();
  until_trained("w-2");
  relay->send(SIGUSR2);
  boss->until("node=w-2 lost");
  until_trained("w-2", 2);
  check_end();
  CHECK(program::count(nodes[4]->output(), "assumes that the job has ended") == 0);
}

TEST_CASE_FIXTURE(broken_links, "workers whose connections to a ps node break come back") {
  const auto relay = relay_to_shards();
  for (const auto* name : {"w-0", "w-1", "w-2"})
    nodes.push_back(worker(name));
  boss = scheduler();
  for (const auto* name : {"w-0", "w-1", "w-2"})
    until_trained(name);
  relay->send(SIGUSR2);
  boss->until("lost reason=\"not reached: a worker has lost its place: no answer in time");
  for (const auto* name : {"w-0", "w-1", "w-2"})
    until_trained(name, 2);
  check_end();
}

TEST_CASE_FIXTURE(broken_links, "a worker whose connection to a ps node is reset leaves the others "
                                "to their work, and comes back") {
  set("sync.policy=bsp");
  set("cluster.start_with=2");
  const auto relay = relay_to_shards();
  for (const auto* name : {"w-0", "w-1"})
    nodes.push_back(worker(name));
  boss = scheduler();
  until_trained("w-0");
  until_trained("w-1");
  nodes.push_back(worker("w-2"));
  until_trained("w-2");
  relay->send(SIGHUP);
  nodes[4]->until("node=w-2 cut off");
  boss->until("lost reason=\"not reached: the connection to a node with shards has ended");
  until_trained("w-2", 2);
  check_end();
  const auto end = summary();
  CHECK(end["workers"].size() == 4);
  std::uint64_t steps = 0;
  for (const auto& each : end["workers"])
    steps += each["steps"].get<std::uint64_t>();
  CHECK(steps == end["steps"].get<std::uint64_t>());
}

TEST_CASE_FIXTURE(program::cluster,
                  "when a ps node dies every other node ends with the job's failure") {
  start_others();
  const auto boss = scheduler();
  for (const auto* name : {"w-0", "w-1", "w-2"})
    until_trained(name);
  nodes[1]->send(SIGKILL);
  nodes.erase(nodes.begin() + 1);
  CHECK(boss->wait() == 1);
  for (auto& node : nodes)
    CHECK(node->wait() == 1);
}
