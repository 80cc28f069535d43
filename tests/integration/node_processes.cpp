// Clusters of real processes over loopback: they train, come late, die, leave, and let nobody else
// in.
#include "tests/integration/node_cluster.hpp"
#include "tests/resident_memory.hpp"

#include <algorithm>

namespace fs = std::filesystem;

using program::adsp;
using program::check_refused;
using program::cluster;

namespace {

/// Says what no node says, until the connection is ended.
void make_noise(std::uint16_t port) {
  const auto socket = program::connected(port);
  std::string bytes(4096, '\0');
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<char>(i * 2654435761u >> 13);
  ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  while (::recv(socket, bytes.data(), bytes.size(), 0) > 0) {
  }
  ::close(socket);
}

} // namespace

TEST_CASE_FIXTURE(cluster, "six processes, started in any order, train as one does") {
  set("job.max_steps=3000");
  start_others(); // early: they wait, and say for what
  nodes[2]->until("waiting for " + local(ports[0]));
  const auto boss = scheduler();
  check_ends(*boss);
  const auto end = summary();
  CHECK(end["end_reason"] == "max_steps");
  CHECK(end["workers"].size() == 3);
  const auto alone = adsp("run " + (path / "job.toml").string() + " -q --out " +
                          (path / "alone").string() + " --set job.max_steps=3000");
  REQUIRE(alone.exit == 0);
  std::ifstream in{path / "alone" / "summary.json"};
  const auto expected = nlohmann::json::parse(in);
  const double found = end["final_accuracy"];
  CHECK(found > 0.7);
  CHECK(found == doctest::Approx(expected["final_accuracy"].get<double>()).epsilon(0.05));
  CHECK(fs::exists(path / "run" / "model.adsp"));
}

TEST_CASE_FIXTURE(cluster, "workers that are killed, leave and come late; the job goes on") {
  start_others();
  const auto boss = scheduler();
  const auto late = worker("late");
  boss->until("workers=4");
  nodes[2]->send(SIGKILL);
  boss->until("node=w-0 lost");
  const auto again = worker("w-0");
  const auto stranger = worker("stranger");
  boss->until("workers=5");
  nodes[3]->send(SIGINT);
  CHECK(nodes[3]->wait() == 130);
  boss->until("node=w-1 left");
  boss->send(SIGINT);
  CHECK(boss->wait() == 130);
  for (auto* each :
       {again.get(), late.get(), stranger.get(), nodes[0].get(), nodes[1].get(), nodes[4].get()})
    CHECK(each->wait() == 0);
  const auto end = summary();
  CHECK(end["end_reason"] == "interrupted");
  CHECK(end["workers"].size() == 6); // w-0 twice: another life, another account
  std::uint64_t steps = 0;
  for (const auto& x : end["workers"])
    steps += x["steps"].get<std::uint64_t>();
  CHECK(steps == end["steps"].get<std::uint64_t>());
}

TEST_CASE_FIXTURE(cluster, "a node that hangs is lost after the lease, and comes back") {
  set("cluster.lease=10s"); // the shards' nodes may stand still for less
  start_others();
  const auto boss = scheduler();
  until_trained("w-0");
  nodes[2]->send(SIGSTOP);
  boss->until("node=w-0 lost reason=\"not reached: not heard from");
  nodes[2]->send(SIGCONT);
  until_trained("w-0", 2);
  CHECK(nodes[2]->output().find("actor ") == std::string::npos); // no words of CAF's
  boss->send(SIGINT);
  CHECK(boss->wait() == 130);
  CHECK(nodes[2]->wait() == 0);
}

TEST_CASE_FIXTURE(cluster, "another config is refused with the keys that differ") {
  const std::string said = " shared_settings=";
  const auto boss = scheduler();
  boss->until(said);
  common.insert(common.end(), {"--set", "sync.policy=bsp", "--set", "optimizer.batch_size=16",
                               "--set", "data.path=/usr/share/datasets/fashion-mnist"});
  const auto other = worker("w-0");
  CHECK(other->wait() == 2);
  CHECK(other->output().find("optimizer.batch_size, sync.average, sync.policy") !=
        std::string::npos);
  CHECK(other->output().find("data.path") == std::string::npos);
  // Each says what it compares, and who is refused is told both.
  const auto own = boss->output().substr(boss->output().find(said) + said.size(), 16);
  const auto found = other->output().substr(other->output().find(said) + said.size(), 16);
  CHECK(own.find_first_not_of("0123456789abcdef") == std::string::npos);
  CHECK(own != found);
  const auto both = "; shared settings: node " + found + ", scheduler " + own;
  CHECK(other->output().find(both) != std::string::npos);
  CHECK(boss->output().find(both) != std::string::npos);
  const auto shown = adsp("check " + (path / "job.toml").string());
  CHECK(shown.output.find("\nshared settings: " + own + ",") != std::string::npos);
}

TEST_CASE_FIXTURE(cluster, "a quiet node says what fails and how it ends, and not how it goes") {
  set("job.max_steps=300");
  common.emplace_back("--quiet");
  const auto boss = scheduler();
  boss->until("listening");
  const auto other =
      start("w-0", {"--role", "worker", "--join", local(ports[0]), "--set", "sync.policy=bsp"});
  CHECK(other->wait() == 2);
  CHECK(other->output().find("adsp: the config differs") != std::string::npos);
  start_others();
  check_ends(*boss);
  for (const auto* word :
       {"adsp: waiting for", " waiting for 127", " admitted\n", " training", "time="}) {
    CAPTURE(word);
    CHECK(boss->output().find(word) == std::string::npos);
    for (const auto& node : nodes)
      CHECK(node->output().find(word) == std::string::npos);
  }
  CHECK(boss->output().find("node=w-0 admitted role") != std::string::npos);
  CHECK(boss->output().find("files in ") != std::string::npos);
}

TEST_CASE_FIXTURE(cluster, "with certificates nobody else gets in, and the job goes on") {
  REQUIRE(adsp("certs " + (path / "certs").string() +
               " --node s --node p0 --node p1 --node w-0 --node w-1 --node w-2")
              .exit == 0);
  REQUIRE(adsp("certs " + (path / "foreign").string() + " --node w-7").exit == 0);
  auto strangers = common;
  common.insert(common.end(), {"--certificates", (path / "certs").string()});
  start_others();
  const auto boss = scheduler();
  boss->until("time=", 2);
  const auto before = boss->memory();

  std::vector<int> silent(1000);
  std::ranges::generate(silent, [this] { return program::connected(ports[0]); });
  // Noise that comes late is refused as silence is: then there is more of it.
  const auto noise_is_refused = [&] {
    make_noise(ports[0]);
    return program::count(boss->output(), "refused reason=\"it does not speak TLS") > 0;
  };
  program::wait_until(noise_is_refused, [&] { return "noise in:\n" + boss->output(); });
  boss->until("it does not say who it is");
  char none = 0;
  for (int i = 0; i < 900; ++i) // until each has been ended
    CHECK(::recv(silent[static_cast<std::size_t>(i)], &none, 1, 0) <= 0);
  CHECK(boss->memory() - before < memory::most_growth);
  for (auto socket : silent)
    ::close(socket);

  common = strangers;
  common.insert(common.end(), {"--certificates", (path / "foreign").string()});
  const auto foreign = worker("w-7");
  foreign->until("certificate verify failed");
  foreign->until("waiting for");
  common = strangers;
  common.insert(common.end(), {"--certificates", (path / "certs").string()});
  const auto taken = worker("w-1");
  boss->until("node=w-1 refused reason=\"another one has this name");
  taken->until("waiting for");

  boss->until("time=", 4);
  boss->send(SIGINT);
  check_ends(*boss, 130);
  const auto end = summary();
  CHECK(end["workers"].size() == 3);
}

TEST_CASE_FIXTURE(cluster, "what cannot be is one line and exit 2") {
  const auto job = (path / "job.toml").string();
  const auto refused = [&](const std::string& rest, const std::string& part) {
    check_refused(adsp("node " + job + " --name a " + rest), 2, part);
  };
  refused("--role worker", "--join is missing");
  refused("--role scheduler", "--listen is missing");
  refused("--role ps --join 127.0.0.1:1", "--listen is missing");
  refused("--role worker --listen 127.0.0.1:1 --join 127.0.0.1:1", "--listen: nobody connects");
  refused("--role king --join 127.0.0.1:1", "found \"king\", expected scheduler, ps, worker");
  for (const auto* roles : {"ps,,worker", ",worker", "worker,", "''"})
    refused(std::string{"--role "} + roles + " --join 127.0.0.1:1", "--role: found \"\", expected");
  refused("--role worker --join 127.0.0.1:1 --out /tmp/run", "--out: the node with the role sched");
  refused("--role worker --join 127.0.0.1:1 --address 10.0.0.1:7", "--address: says where workers");
  refused("--role scheduler,ps --listen 127.0.0.1:0 --address 10.0.0.1:7", "--address: says");
  refused("--role worker --join 127.0.0.1", "expected HOST:PORT");
  refused("--role worker --join 127.0.0.1:99999", "expected HOST:PORT");
  refused("--role worker --join 127.0.0.1:0", "expected HOST:PORT");
  refused("--role ps --join 127.0.0.1:1 --listen 0.0.0.0:0 --insecure", "--address is missing");
  refused("--role ps --join 127.0.0.1:1 --listen [::]:0 --insecure", "--address is missing");
  refused("--role worker --join 10.0.0.1:7000", "Make certificates with `adsp certs`");
  refused("--role scheduler --listen 0.0.0.0:7000", "is not this machine");
  refused("--role worker --join 127.0.0.1:1 --certificates /nowhere", "/nowhere");
  refused("--role worker --join 127.0.0.1:1 --set ps.bandwidth=1Mbit", "ps.bandwidth");
  refused("--role scheduler --listen 127.0.0.1:0 --set cluster.ps_nodes=40", "cluster.ps_nodes");
  for (const auto* name : {"a/b", ".", "..", "-a"})
    check_refused(adsp("node " + job + " --name=" + name + " --role worker --join 127.0.0.1:1"), 2,
                  "--name");
}

TEST_CASE_FIXTURE(cluster,
                  "a node that the list does not allow is refused, whatever its own list says") {
  std::ofstream{path / "job.toml", std::ios::app}
      << "[[cluster.allow]]\nname = \"p*\"\nroles = [\"ps\"]\n";
  const auto boss = scheduler();
  boss->until("listening");
  std::ofstream{path / "job.toml"} << program::config;
  const auto other = worker("w-0");
  CHECK(other->wait() == 1);
  boss->until("node=w-0 refused reason=\"not permitted: role worker of node w-0\"");
}

TEST_CASE_FIXTURE(cluster, "a node gives up when nobody comes") {
  set("cluster.wait=1s");
  const auto alone = worker("w-0");
  CHECK(alone->wait() == 1);
  CHECK(alone->output().find("gave up after 1 s (cluster.wait)") != std::string::npos);
  CHECK(alone->output().find("Connection refused") != std::string::npos);
  const auto boss = scheduler();
  CHECK(boss->wait() == 1);
  CHECK(boss->output().find("nodes with the role ps: 0 of 2 are there") != std::string::npos);
  CHECK_FALSE(fs::exists(path / "run")); // nothing is left of a job that has not begun
  fs::create_directory(path / "run");    // the user's own stays
  CHECK(scheduler()->wait() == 1);
  CHECK(fs::is_empty(path / "run"));
}
