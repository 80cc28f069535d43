// Clusters of real processes over loopback: they train, come late, die, leave, and let nobody else in.
#include "tests/integration/processes.hpp"
#include "tests/resident_memory.hpp"

#include <nlohmann/json.hpp>

#include <memory>

namespace fs = std::filesystem;

using program::adsp;
using program::check_refused;
using program::process;

namespace {

constexpr const char* config = R"([job]
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
  cluster() : path{fs::temp_directory_path() / ("adsp-nodes-" + std::to_string(::getpid()))} {
    fs::remove_all(path);
    fs::create_directories(path);
    std::ofstream{path / "job.toml"} << config;
    for (auto& each : ports)
      each = program::free_port();
  }
  ~cluster() {
    nodes.clear();
    fs::remove_all(path);
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

  fs::path path;
  std::uint16_t ports[3];
  std::vector<std::string> common;
  std::vector<std::unique_ptr<process>> nodes;
};

} // namespace

TEST_CASE_FIXTURE(cluster, "six processes, started in any order, train as one does") {
  set("job.max_steps=3000");
  start_others(); // early: they wait, and say for what
  nodes[2]->until("waiting for " + local(ports[0]));
  const auto boss = scheduler();
  CHECK(boss->wait() == 0);
  for (auto& node : nodes)
    CHECK(node->wait() == 0);
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
  boss->until("node=w-2 joined");
  nodes[2]->until("training");
  nodes[3]->until("training");
  nodes[2]->send(SIGKILL);
  boss->until("node=w-0 lost");
  nodes[3]->send(SIGINT);
  CHECK(nodes[3]->wait() == 130);
  boss->until("node=w-1 left");
  const auto again = worker("w-0");
  boss->until("node=w-0 joined", 2);
  const auto extra = worker("stranger");
  extra->until("training");
  boss->until("time=", 2);
  boss->send(SIGINT);
  CHECK(boss->wait() == 130);
  CHECK(again->wait() == 0);
  CHECK(extra->wait() == 0);
  for (auto i : {0, 1, 4})
    CHECK(nodes[static_cast<std::size_t>(i)]->wait() == 0);
  const auto end = summary();
  CHECK(end["end_reason"] == "interrupted");
  CHECK(end["workers"].size() == 5); // w-0 twice: another life, another account
  std::uint64_t steps = 0;
  for (const auto& x : end["workers"])
    steps += x["steps"].get<std::uint64_t>();
  CHECK(steps == end["steps"].get<std::uint64_t>());
}

TEST_CASE_FIXTURE(cluster, "a node that hangs is given up after the lease, and comes back") {
  start_others();
  const auto boss = scheduler();
  nodes[2]->until("training");
  nodes[2]->send(SIGSTOP);
  boss->until("node=w-0 lost reason=\"not reached: not heard of");
  nodes[2]->send(SIGCONT);
  boss->until("node=w-0 joined", 2);
  boss->send(SIGINT);
  CHECK(boss->wait() == 130);
  CHECK(nodes[2]->wait() == 0);
}

TEST_CASE_FIXTURE(cluster, "another config is refused with the keys that differ") {
  const auto boss = scheduler();
  boss->until("listening");
  common.insert(common.end(), {"--set", "sync.policy=bsp", "--set", "optimizer.batch_size=16",
                               "--set", "data.path=/usr/share/datasets/fashion-mnist"});
  const auto other = worker("w-0");
  CHECK(other->wait() == 2);
  CHECK(other->output().find("optimizer.batch_size, sync.policy") != std::string::npos);
  CHECK(other->output().find("data.path") == std::string::npos);
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

  std::vector<int> silent;
  for (int i = 0; i < 1000; ++i)
    silent.push_back(program::connected(ports[0]));
  const auto noise = program::connected(ports[0]);
  std::string bytes(4096, '\0');
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<char>(i * 2654435761u >> 13);
  CHECK(::write(noise, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
  boss->until("it does not say who it is", 900);
  boss->until("refused reason=\"wrong version number\"");
  CHECK(boss->memory() - before < memory::most_growth);
  for (auto socket : silent)
    ::close(socket);
  ::close(noise);

  common = strangers;
  common.insert(common.end(), {"--certificates", (path / "foreign").string()});
  const auto foreign = worker("w-7");
  foreign->until("certificate verify failed");
  common = strangers;
  common.insert(common.end(), {"--certificates", (path / "certs").string()});
  const auto taken = worker("w-1");
  boss->until("node=w-1 refused reason=\"another one has this name");
  taken->until("waiting for");

  boss->until("time=", 4);
  boss->send(SIGINT);
  CHECK(boss->wait() == 130);
  for (auto& node : nodes)
    CHECK(node->wait() == 0);
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
  refused("--role worker --join 127.0.0.1", "expected HOST:PORT");
  refused("--role worker --join 127.0.0.1:99999", "expected HOST:PORT");
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
  std::ofstream{path / "job.toml"} << config;
  const auto other = worker("w-0");
  CHECK(other->wait() == 1);
  boss->until("node=w-0 refused reason=\"not permitted: role worker of node w-0\"");
  std::ifstream in{path / "run" / "config.toml"};
  const std::string kept{std::istreambuf_iterator<char>{in}, {}};
  CHECK(kept.find("[[cluster.allow]]") != std::string::npos);
}

TEST_CASE_FIXTURE(cluster, "a node gives up when nobody comes") {
  set("cluster.wait=1s");
  const auto alone = worker("w-0");
  CHECK(alone->wait() == 1);
  CHECK(alone->output().find("gave up after 1 s (cluster.wait)") != std::string::npos);
  const auto boss = scheduler();
  CHECK(boss->wait() == 1);
  CHECK(boss->output().find("nodes with the role ps: 0 of 2 are there") != std::string::npos);
}
