// A link that loses all packets from one moment on, between a worker and the shards alone: neither
// end is told, the scheduler reaches both, and TCP ends the connection because nothing is confirmed
// (`transport::prepare`).
#include "tests/integration/network.hpp"
#include "tests/integration/node_cluster.hpp"

namespace {

/// The job on four hosts.
struct hosts : program::cluster {
  hosts() {
    set("cluster.ps_nodes=1");
    set("cluster.start_with=2");
    set("cluster.lease=5s"); // TCP would go on for a quarter of an hour
  }

  std::string at(const std::string& host) const { return net.address(host) + ":7000"; }
  std::unique_ptr<program::process> start_on(const std::string& host, const std::string& name,
                                             std::vector<std::string> more) {
    launcher = net.on(host);
    return start(name, std::move(more));
  }
  std::unique_ptr<program::process> worker_on(const std::string& host, const std::string& name) {
    return start_on(host, name, {"--role", "worker", "--join", at("s")});
  }

  program::network net{{"s", "p0", "w0", "w1"}};
};

} // namespace

TEST_CASE_FIXTURE(hosts, "a connection that confirms nothing ends after the lease, and the worker "
                         "comes back") {
  if (!net.made()) {
    MESSAGE("skipped: network namespaces cannot be made here (root and iproute2 are needed)");
    return;
  }
  const auto certificates = (path / "certs").string();
  REQUIRE(
      program::adsp("certs " + certificates + " --node s --node p0 --node w-0 --node w-1").exit ==
      0);
  common.insert(common.end(), {"--certificates", certificates});
  const auto boss = start_on(
      "s", "s", {"--role", "scheduler", "--listen", at("s"), "--out", (path / "run").string()});
  nodes.push_back(start_on("p0", "p0", {"--role", "ps", "--listen", at("p0"), "--join", at("s")}));
  nodes.push_back(worker_on("w0", "w-0"));
  nodes.push_back(worker_on("w1", "w-1"));
  until_trained("w-0");

  auto& w0 = *nodes[1];
  std::size_t lives = 1;
  for (const bool unconfirmed : {true, false}) {
    CAPTURE(unconfirmed);
    const auto waits = [&] { return net.connected("w0", "p0", true) == unconfirmed; };
    const auto ended = [&] { return !net.connected("w0", "p0"); };
    // A process that stands still ends no connection, and nothing that the other end says arrives.
    if (!unconfirmed) {
      w0.send(SIGSTOP);
      program::wait_until(waits, [] { return std::string{"everything confirmed"}; });
    }
    REQUIRE(net.part("w0", "p0"));
    if (unconfirmed) {
      program::wait_until(waits, [] { return std::string{"something unconfirmed"}; });
      w0.send(SIGSTOP);
    }
    program::wait_until(ended, [] { return std::string{"the end of the connection"}; });
    REQUIRE(net.join("w0", "p0"));
    w0.send(SIGCONT);
    until_trained("w-0", ++lives);
  }
  boss->send(SIGINT);
  check_ends(*boss, 130);
}
