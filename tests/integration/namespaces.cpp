// A cluster on five hosts and more, each a network namespace with its own address and a link of
// limited rate and some delay, under mutual TLS: a worker is killed, one loses its link, one is
// added, the link of a node with shards becomes slow, and training still reaches its target.
#include "tests/integration/network.hpp"
#include "tests/integration/processes.hpp"

#include <nlohmann/json.hpp>

#include <map>
#include <memory>

namespace fs = std::filesystem;

using program::adsp;
using program::network;
using program::process;

namespace {

/// The delays of the hosts' links: the kernel's, or where it has none, those of relays, through
/// which a host's node connects to the scheduler's and is connected to.
class delayed_links {
public:
  delayed_links(const network& net, fs::path logs) : net_{net}, logs_{std::move(logs)} {}

  /// Where a node on `host` joins.
  std::string to_scheduler(const std::string& host) {
    const auto direct = net_.address("s") + ":7000";
    return net_.delays() ? direct : relayed(host, "127.0.0.1", "7100", net_.address("s"));
  }
  /// Where others reach the node with the role ps on `host`.
  std::string to_shards(const std::string& host) {
    const auto direct = net_.address(host) + ":7000";
    return net_.delays() ? direct : relayed(host, net_.address(host), "7001", net_.address(host));
  }
  /// From now on the way to the host and back takes 500 ms more: what leaves it, or what passes its
  /// relays, each way.
  bool slow_down(const std::string& host) {
    for (const auto& each : relays_[host])
      each->send(SIGUSR1);
    return net_.delays() ? net_.delay(host, "500ms") : !relays_[host].empty();
  }

private:
  std::string relayed(const std::string& host, const std::string& at, const std::string& port,
                      const std::string& target) {
    relays_[host].push_back(
        std::make_unique<process>(std::vector<std::string>{at, port, target, "7000", "2", "250"},
                                  logs_ / ("relay-" + host + port), net_.on(host), ADSP_RELAY));
    return at + ":" + port;
  }

  const network& net_;
  fs::path logs_;
  std::map<std::string, std::vector<std::unique_ptr<process>>> relays_;
};

/// More than the target takes on a slow machine.
constexpr std::chrono::seconds longest{240 * sanitizers::slowness};

constexpr const char* config = R"([job]
name = "five-hosts"
[data]
source = "fashion-mnist"
test_limit = 2000
[model]
kind = "mlp"
hidden = [64]
[optimizer]
learning_rate = 0.1
batch_size = 64
[sync]
policy = "adsp"
check_period = "1s"
commit_rate = 4
[evaluation]
interval = "500ms"
target_accuracy = 0.85
window = 5
[ps]
shard_size = 16384
[cluster]
ps_nodes = 2
start_with = 2
lease = "10s"
[[workers]]
name = "w"
count = 3
step_seconds = 0.1
)";

} // namespace

TEST_CASE("five hosts train to the target while links and workers fail") {
  const std::vector<std::string> hosts{"s", "p0", "p1", "w0", "w1", "w2"};
  const network net{hosts};
  if (!net.made()) {
    MESSAGE("skipped: network namespaces with limited links cannot be made here (root and iproute2 "
            "are needed)");
    return;
  }
  const auto path = fs::temp_directory_path() / ("adsp-hosts-" + std::to_string(::getpid()));
  fs::remove_all(path);
  fs::create_directories(path);
  std::ofstream{path / "job.toml"} << config;
  REQUIRE(adsp("certs " + (path / "certs").string() +
               " --node s --node p0 --node p1 --node w-0 --node w-1 --node w-2")
              .exit == 0);
  const auto start = [&](const std::string& host, const std::string& name,
                         std::vector<std::string> more) {
    std::vector<std::string> all{
        "node",           (path / "job.toml").string(),
        "--name",         name,
        "--certificates", (path / "certs").string(),
        "--set",          "job.max_time=" + std::to_string(longest.count()) + "s",
        "--role"};
    all.insert(all.end(), more.begin(), more.end());
    return std::make_unique<process>(all, path / (name + ".log"), net.on(host));
  };
  delayed_links links{net, path};
  const auto at = [&](const std::string& host) { return net.address(host) + ":7000"; };
  const auto worker = [&](const std::string& host, const std::string& name) {
    return start(host, name, {"worker", "--join", links.to_scheduler(host)});
  };
  const auto ps = [&](const std::string& host) {
    return start(host, host,
                 {"ps", "--listen", at(host), "--address", links.to_shards(host), "--join",
                  links.to_scheduler(host)});
  };

  const auto boss =
      start("s", "s", {"scheduler", "--listen", at("s"), "--out", (path / "run").string()});
  const auto p0 = ps("p0");
  const auto p1 = ps("p1");
  const auto w0 = worker("w0", "w-0");
  const auto w1 = worker("w1", "w-1");
  boss->until("time=", 2);

  w0->send(SIGKILL);
  boss->until("node=w-0 lost");
  const auto w2 = worker("w2", "w-2"); // added
  boss->until("node=w-2 admitted role");
  REQUIRE(net.link("w1", "down"));
  boss->until("node=w-1 lost");
  REQUIRE(links.slow_down("p1"));
  std::this_thread::sleep_for(std::chrono::seconds{20}); // what is tested is a cut of this length
  REQUIRE(net.link("w1", "up"));
  boss->until("node=w-1 admitted role", 2);

  INFO(boss->output());
  CHECK(boss->wait(longest) == 0);
  CHECK(p0->wait() == 0);
  CHECK(p1->wait() == 0);
  CHECK(w1->wait() == 0);
  CHECK(w2->wait() == 0);
  std::ifstream in{path / "run" / "summary.json"};
  const auto end = nlohmann::json::parse(in);
  CHECK(end["target_reached"] == true);
  CHECK(end["workers"].size() == 4); // w-0, w-1 twice, w-2
  std::uint64_t steps = 0;
  for (const auto& x : end["workers"])
    steps += x["steps"].get<std::uint64_t>();
  CHECK(steps == end["steps"].get<std::uint64_t>());
  fs::remove_all(path);
}
