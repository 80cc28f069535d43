// Hosts for the tests: network namespaces with addresses of their own, on one switch, whose links
// have a limited rate, become slow, are cut, or lose what is sent. Needs root and iproute2.
#pragma once

#include <cstdlib>
#include <map>
#include <string>
#include <unistd.h>
#include <vector>

namespace program {

inline bool shell(const std::string& command) {
  return std::system((command + " >/dev/null 2>&1").c_str()) == 0;
}

/// Hosts on one switch, gone with this.
class network {
public:
  explicit network(const std::vector<std::string>& hosts)
      : prefix_{"adsp" + std::to_string(::getpid() % 100000)} {
    // The switch is a namespace of its own: nothing is left on the machine but what is removed
    // below.
    made_ = shell("ip netns add " + prefix_) && shell(inside("ip link add switch type bridge")) &&
            shell(inside("ip link set switch up"));
    int number = 0;
    for (const auto& host : hosts)
      made_ = made_ && add(host, ++number);
  }
  network(const network&) = delete;
  network& operator=(const network&) = delete;
  ~network() {
    for (const auto& [host, address] : addresses_)
      shell("ip netns del " + name(host));
    shell("ip netns del " + prefix_);
  }

  bool made() const { return made_; }
  const std::string& address(const std::string& host) const { return addresses_.at(host); }
  std::vector<std::string> on(const std::string& host) const {
    return {"ip", "netns", "exec", name(host)};
  }

  /// Whether the kernel can delay what leaves a host (netem).
  bool delays() const { return delays_; }
  /// Limits the link's rate, and delays what leaves the host where the kernel can; else false.
  bool delay(const std::string& host, const std::string& time) const {
    return shell(qdisc(host) + "netem rate 200mbit delay " + time);
  }
  bool link(const std::string& host, const std::string& state) const {
    return shell(inside("ip link set " + host + " " + state));
  }
  /// Loses from now on all that two hosts send each other, and tells neither: the frames go to a
  /// machine that is not there.
  bool part(const std::string& x, const std::string& y) const {
    const std::string nobody = " lladdr 02:00:00:00:00:01 nud permanent";
    return shell(neighbour(x, "replace", y) + nobody) && shell(neighbour(y, "replace", x) + nobody);
  }
  /// They reach each other again.
  bool join(const std::string& x, const std::string& y) const {
    return shell(neighbour(x, "del", y)) && shell(neighbour(y, "del", x));
  }
  /// Whether the kernel of a host takes a connection with another one for sound; `unconfirmed`: one
  /// on which something that it has sent is not confirmed.
  bool connected(const std::string& from, const std::string& to, bool unconfirmed = false) const {
    return shell("ip netns exec " + name(from) + " ss -Htn state established dst " + address(to) +
                 (unconfirmed ? " | awk '$2 > 0 { found = 1 } END { exit !found }'" : " | grep ."));
  }

private:
  std::string name(const std::string& host) const { return prefix_ + host; }
  std::string inside(const std::string& command) const {
    return "ip netns exec " + prefix_ + " " + command;
  }
  bool add(const std::string& host, int number) {
    addresses_[host] = "10.77.0." + std::to_string(number);
    const auto there = "ip netns exec " + name(host) + " ";
    return shell("ip netns add " + name(host)) &&
           shell(inside("ip link add " + host + " type veth peer name eth0 netns " + name(host))) &&
           shell(inside("ip link set " + host + " master switch up")) &&
           shell(there + "ip addr add " + addresses_[host] + "/24 dev eth0") &&
           shell(there + "ip link set eth0 up") && shell(there + "ip link set lo up") &&
           ((delays_ = delay(host, "2ms")) ||
            shell(qdisc(host) + "tbf rate 200mbit burst 64kb latency 50ms"));
  }
  std::string qdisc(const std::string& host) const {
    return "ip netns exec " + name(host) + " tc qdisc replace dev eth0 root ";
  }

  std::string neighbour(const std::string& at, const std::string& what,
                        const std::string& whom) const {
    return "ip netns exec " + name(at) + " ip neigh " + what + " " + address(whom) + " dev eth0";
  }

  std::string prefix_;
  bool made_ = false;
  bool delays_ = false;
  std::map<std::string, std::string> addresses_;
};

} // namespace program
