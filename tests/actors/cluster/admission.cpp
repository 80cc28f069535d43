// Why a hello is refused: a table of cases, and what holds whatever comes in whatever order.
#include "actors/cluster/admission.hpp"

#include "tests/fake_network.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <set>
#include <string>
#include <vector>

using namespace adsp;

namespace {

constexpr std::uint64_t agreed = 0x0123456789abcdef;

admission_rules rules(std::uint32_t ps_nodes = 1) {
  return {"tiny",
          {{"job.name", "tiny"}, {"sync.policy", "tap"}},
          agreed,
          ps_nodes,
          {{{"p*", {"ps"}}, {"w*", {"worker"}}, {"both*", {"ps", "worker"}}}}};
}

hello worker(const std::string& name) {
  hello greeting;
  greeting.node = name;
  greeting.workers = {name};
  greeting.fingerprint = agreed;
  return greeting;
}

hello ps(const std::string& name) {
  hello greeting;
  greeting.node = name;
  greeting.serves = true;
  greeting.address = name + ":7000";
  greeting.fingerprint = agreed;
  return greeting;
}

hello_origin from(const std::string& process, const std::string& certificate = {}) {
  return {process, false, true, certificate};
}

/// One hello to a cluster with the members w0, in process 1, and p0, in process 2.
struct refused_case {
  const char* what;
  std::function<void(hello&, hello_origin&, admission&)> change;
  refusal_reason reason;
  const char* text; ///< a part of it
};

using reason = refusal_reason;

const std::vector<refused_case> refused_cases{
    {"the job has failed",
     [](auto&, auto&, auto& members) {
       members.end({false, "no luck"});
     },
     reason::job_failed, "no luck"},
    {"shards are lost", [](auto&, auto&, auto& members) { members.lose_shards(); },
     reason::job_failed, "a shard of the parameter server is lost"},
    {"shards are lost and the job is ending",
     [](auto&, auto&, auto& members) {
       members.lose_shards();
       members.begin_end();
     },
     reason::job_failed, "a shard of the parameter server is lost"},
    {"the job is ending", [](auto&, auto&, auto& members) { members.begin_end(); },
     reason::job_ended, "tiny"},
    {"the job has ended",
     [](auto&, auto&, auto& members) {
       members.end({true, "done"});
     },
     reason::job_ended, "tiny"},
    {"too long",
     [](auto& greeting, auto&, auto&) {
       greeting.settings = {{"key", std::string(65 * 1024, 'x')}};
     },
     reason::too_long, "too long"},
    {"too many workers", [](auto& greeting, auto&, auto&) { greeting.workers.resize(70'000); },
     reason::too_long, "too long"},
    {"no name of a node", [](auto& greeting, auto&, auto&) { greeting.node = "w\nnode=x"; },
     reason::bad_name, "invalid name; expected 1 to 63"},
    {"no name at all", [](auto& greeting, auto&, auto&) { greeting.node.clear(); },
     reason::bad_name, "invalid name"},
    {"no name of a worker", [](auto& greeting, auto&, auto&) { greeting.workers = {"../w"}; },
     reason::bad_name, "invalid name"},
    {"no address", [](auto& greeting, auto&, auto&) { greeting.address = "somewhere"; },
     reason::bad_address, "invalid address; expected HOST:PORT"},
    {"an address that a log would show as two lines",
     [](auto& greeting, auto&, auto&) { greeting.address = "127.0.0.1\n:1"; }, reason::bad_address,
     "invalid address"},
    {"another version", [](auto& greeting, auto&, auto&) { ++greeting.protocol; },
     reason::other_protocol, "install the same adsp on both"},
    {"other settings",
     [](auto& greeting, auto&, auto&) {
       greeting.fingerprint = 0xfedcba9876543210;
       greeting.settings = {{"job.name", "tiny"}, {"sync.policy", "bsp"}};
     },
     reason::other_settings,
     "sync.policy; shared settings: node fedcba9876543210, scheduler 0123456789abcdef"},
    {"other settings, it does not say which",
     [](auto& greeting, auto&, auto&) {
       greeting.fingerprint = 1;
       greeting.settings = {{"job.name", "tiny"}, {"sync.policy", "tap"}};
     },
     reason::other_settings, "its fingerprint, though none of the settings"},
    {"a role that its name may not take",
     [](auto& greeting, auto&, auto&) { greeting.serves = true; }, reason::role_not_allowed,
     "role ps of node w1"},
    {"a name that may take no role", [](auto& greeting, auto&, auto&) { greeting.node = "x"; },
     reason::role_not_allowed, "role worker of node x"},
    {"the connection has ended", [](auto&, auto& origin, auto&) { origin.connected = false; },
     reason::not_connected, "its connection has ended"},
    {"another node's certificate", [](auto&, auto& origin, auto&) { origin.certificate = "w2"; },
     reason::other_certificate, "its certificate is of w2"},
    {"another node's name",
     [](auto& greeting, auto& origin, auto&) {
       greeting = worker("w0");
       origin.certificate = "w1";
     },
     reason::other_certificate, "its certificate is of w1"},
    {"the name of a member", [](auto& greeting, auto&, auto&) { greeting.node = "w0"; },
     reason::node_taken, "node w0"},
    {"a worker of a member", [](auto& greeting, auto&, auto&) { greeting.workers = {"w0"}; },
     reason::worker_taken, "worker w0 is on node w0"},
    {"the process of a member", [](auto&, auto& origin, auto&) { origin.process = "1"; },
     reason::process_taken, "its process is node w0"},
    {"one more node with shards than the job has",
     [](auto& greeting, auto&, auto&) { greeting = ps("p1"); }, reason::enough_shards,
     "role ps of node p1: the job has its 1 (cluster.ps_nodes)"},
};

admission two_members() {
  admission members{rules()};
  members.admit(worker("w0"), "1");
  members.admit(ps("p0"), "2");
  return members;
}

/// What must hold of the members at any time.
void check_invariants(const admission& members, std::uint32_t ps_nodes) {
  std::set<std::string> names;
  std::set<std::string> workers;
  std::set<std::string> processes;
  std::size_t count = 0;
  for (const auto& [id, each] : members.members()) {
    names.insert(each.who.node);
    processes.insert(each.process);
    for (const auto& worker : each.who.workers) {
      workers.insert(worker);
      ++count;
    }
  }
  REQUIRE(names.size() == members.members().size());
  REQUIRE(processes.size() == members.members().size());
  REQUIRE(workers.size() == count);
  REQUIRE(members.serving() <= ps_nodes);
}

} // namespace

TEST_CASE("each reason to refuse a hello") {
  for (const auto& each : refused_cases) {
    INFO(each.what);
    auto members = two_members();
    auto greeting = worker("w1");
    auto origin = from("3");
    CHECK_FALSE(members.objection(greeting, origin));
    each.change(greeting, origin, members);
    const auto why = members.objection(greeting, origin);
    REQUIRE(why);
    CHECK(why->reason == each.reason);
    INFO(why->text);
    CHECK(why->text.find(each.text) != std::string::npos);
    CHECK(why->text.find('\n') == std::string::npos);
  }
}

TEST_CASE("each hello that is no reason to refuse") {
  auto members = two_members();
  CHECK_FALSE(members.objection(worker("w1"), from("3", "w1")));
  CHECK_FALSE(members.objection(worker("w1"), {"3", true, false, ""})); // this process itself
  auto many = worker("both1");
  many.workers = {"a", "b"};
  CHECK_FALSE(members.objection(many, from("3")));
  auto idle = worker("x"); // no role that the list would have to allow
  idle.workers.clear();
  CHECK_FALSE(members.objection(idle, from("3")));
  members.remove(2);
  CHECK_FALSE(members.objection(ps("p1"), from("4")));
  auto anybody = rules();
  anybody.allow = {};
  CHECK_FALSE(admission{anybody}.objection(worker("somebody"), from("3")));
}

TEST_CASE("the keys that differ are named, the first eight") {
  const std::vector<setting> here{{"a", "1"}, {"b", "2"}};
  CHECK(differing_keys(here, here).empty());
  CHECK(differing_keys(here, {{"a", "1"}}) == "b");
  CHECK(differing_keys(here, {{"a", "2"}, {"b", "3"}}) == "a, b");
  CHECK(differing_keys({}, {{"key\nx", "1"}}) == "key\\x0ax");
  std::vector<setting> many;
  for (int i = 0; i < 20; ++i)
    many.push_back({"key" + std::to_string(10 + i), "1"});
  CHECK(differing_keys({}, many).ends_with("key17 and 12 more"));
}

TEST_CASE("only what passes is worth another hello") {
  for (const auto& each : refused_cases)
    CHECK(may_pass(each.reason) ==
          (each.reason == reason::node_taken || each.reason == reason::worker_taken ||
           each.reason == reason::process_taken || each.reason == reason::not_connected));
}

TEST_CASE("names, workers, processes and shards are of one member each, whatever comes when") {
  for (unsigned seed = 0; seed < test::seeds; ++seed) {
    CAPTURE(seed);
    test::fake_network net{seed};
    net.outside.max_delay = 1;
    net.outside.repeat = 0.3;
    net.outside.lose = 0.2;
    const auto ps_nodes = static_cast<std::uint32_t>(1 + seed % 3);
    admission members{rules(ps_nodes)};
    const auto arrive = [&](const hello& greeting, const hello_origin& origin) {
      const bool closed = members.ending();
      if (members.objection(greeting, origin))
        return;
      REQUIRE_FALSE(closed);
      const auto who = members.admit(greeting, origin.process);
      if (!origin.certificate.empty())
        CHECK(members.find(who)->who.node == origin.certificate);
      net.at(net.now + 3 * net.uniform(), [&members, who] { members.remove(who); });
    };
    for (int i = 0; i < 200; ++i) {
      const auto number = std::to_string(net.below(4));
      auto greeting = net.uniform() < 0.5 ? worker("both" + number) : ps("both" + number);
      if (net.uniform() < 0.3)
        greeting.workers = {"w" + std::to_string(net.below(4)), "v" + number};
      const auto origin = from(std::to_string(net.below(5)),
                               net.uniform() < 0.3 ? "both" + std::to_string(net.below(4)) : "");
      net.at(20 * net.uniform(), [&, greeting, origin] {
        net.send([&, greeting, origin] { arrive(greeting, origin); });
      });
    }
    if (seed % 2 == 1)
      net.at(15, [&] { members.begin_end(); });
    net.run_until(19, [&] { check_invariants(members, ps_nodes); });
    net.run_until(30);
    CHECK(members.members().empty());
    CHECK(members.objection(worker("w9"), from("9")).has_value() == (seed % 2 == 1));
  }
}
