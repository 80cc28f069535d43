// Why a hello is refused: a table of cases, and what holds whatever comes in whatever order.
#include "actors/cluster/admission.hpp"

#include "tests/fake_network.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
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
    {"the job has failed, and was ending",
     [](auto&, auto&, auto& members) {
       members.begin_end();
       members.end({false, "no luck"});
     },
     reason::job_failed, "no luck"},
    {"shards are lost and the job has failed",
     [](auto&, auto&, auto& members) {
       members.lose_shards();
       members.end({false, "no luck"});
     },
     reason::job_failed, "no luck"},
    {"shards are lost and the job has ended well all the same",
     [](auto&, auto&, auto& members) {
       members.lose_shards();
       members.end({true, "done"});
     },
     reason::job_ended, "tiny"},
    {"the job has ended well and shards are lost then",
     [](auto&, auto&, auto& members) {
       members.end({true, "done"});
       members.lose_shards();
     },
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
    {"the name of its second worker",
     [](auto& greeting, auto&, auto&) {
       greeting.workers = {"w1", ".."};
     },
     reason::bad_name, "invalid name"},
    {"two of its workers have one name",
     [](auto& greeting, auto&, auto&) {
       greeting.workers = {"w1", "w2", "w1"};
     },
     reason::bad_name, "two of its workers have one name"},
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
    {"its second worker is a worker of a member",
     [](auto& greeting, auto&, auto&) {
       greeting.workers = {"w1", "w0"};
     },
     reason::worker_taken, "worker w0 is on node w0"},
    {"a second worker of a member",
     [](auto& greeting, auto&, auto& members) {
       auto other = worker("w2");
       other.workers = {"w3", "w4"};
       members.admit(other, "4");
       greeting.workers = {"w4"};
     },
     reason::worker_taken, "worker w4 is on node w2"},
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

/// The members as the test counts them, and who may become one, said once more.
struct roster {
  explicit roster(std::uint32_t most) : ps_nodes{most} {}

  bool takes(const hello& greeting, const hello_origin& origin) const {
    std::size_t serving = 0;
    for (const auto& [id, each] : present) {
      std::vector<std::string> workers = each.who.workers;
      workers.insert(workers.end(), greeting.workers.begin(), greeting.workers.end());
      if (std::set(workers.begin(), workers.end()).size() < workers.size() ||
          each.who.node == greeting.node || each.process == origin.process)
        return false;
      serving += each.who.serves ? 1 : 0;
    }
    const auto proved = origin.certificate.empty() || origin.certificate == greeting.node;
    return open && origin.connected && proved && (!greeting.serves || serving < ps_nodes);
  }

  bool agrees_with(const admission& members) const {
    return members.members().size() == present.size() && members.serving() <= ps_nodes &&
           members.ending() == ending && std::ranges::all_of(present, [&](const auto& each) {
             const auto* found = members.find(each.first);
             return found && found->process == each.second.process &&
                    found->who.node == each.second.who.node &&
                    found->who.workers == each.second.who.workers;
           });
  }

  std::uint32_t ps_nodes;
  std::map<member_id, cluster_member> present;
  bool open = true;
  bool ending = false;
};

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
  CHECK_FALSE(members.objection(worker("w1"), {"3", true, false, "w2"}));
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
  CHECK(differing_keys(here, {{"b", "3"}}) == "b, a"); // first what both have
  CHECK(differing_keys({}, {{"key\nx", "1"}}) == "key\\x0ax");
  std::vector<setting> many;
  many.reserve(20);
  for (int i = 0; i < 20; ++i)
    many.push_back({"key" + std::to_string(10 + i), "1"});
  CHECK(differing_keys({}, many).ends_with("key17 and 12 more"));
  many.resize(9);
  CHECK(differing_keys({}, many).ends_with("key17 and 1 more"));
  many.resize(8);
  CHECK(differing_keys({}, many).ends_with("key16, key17"));
}

TEST_CASE("a hello has at most 64 KiB, each name, key and value counted") {
  const auto members = two_members();
  const auto length = [&](const hello& greeting) -> std::string_view {
    const auto why = members.objection(greeting, from("3"));
    return !why || why->reason != reason::too_long ? "ok" : "too long";
  };
  const std::string much(64 * 1024, 'x');
  auto greeting = worker("w1"); // 2 bytes, and 3 of its worker
  SUBCASE("node") {
    greeting.node.resize(64 * 1024 - 3, 'x');
    CHECK(length(greeting) == "ok");
    greeting.node += 'x';
  }
  SUBCASE("address") {
    greeting.address.resize(64 * 1024 - 5, 'x');
    CHECK(length(greeting) == "ok");
    greeting.address += 'x';
  }
  SUBCASE("worker") {
    greeting.workers.push_back(much.substr(6));
    CHECK(length(greeting) == "ok");
    greeting.workers[1] += 'x';
  }
  SUBCASE("key") {
    greeting.settings = {{much.substr(7), ""}};
    CHECK(length(greeting) == "ok");
    greeting.settings[0].key += 'x';
  }
  SUBCASE("value") {
    greeting.settings = {{"", much.substr(7)}};
    CHECK(length(greeting) == "ok");
    greeting.settings[0].value += 'x';
  }
  CHECK(length(greeting) == "too long");
}

TEST_CASE("the stages of a job only advance") {
  admission members{rules()};
  const auto stage = [&]() -> std::string_view {
    return members.ended() ? "ended" : members.ending() ? "ending" : "open";
  };
  CHECK(stage() == "open");
  SUBCASE("it ends after it was ending") {
    CHECK(members.begin_end());
    CHECK(stage() == "ending");
    CHECK_FALSE(members.begin_end());
    CHECK(stage() == "ending");
  }
  SUBCASE("it ends at once") {}
  members.end({true, "done"});
  CHECK(stage() == "ended");
  CHECK_FALSE(members.begin_end());
  CHECK(stage() == "ended");
  CHECK(members.objection(worker("w1"), from("3")));
}

TEST_CASE("a member is kept by its id without its settings, and no id is given again") {
  admission members{rules(2)};
  auto first = ps("both0");
  first.workers = {"w0"};
  first.settings = {{"job.name", "tiny"}};
  CHECK(members.admit(first, "1") == 1);
  CHECK(members.admit(worker("w1"), "2") == 2);
  CHECK(members.serving() == 1);
  REQUIRE(members.find(1));
  CHECK(members.find(1)->who.node == "both0");
  CHECK(members.find(1)->who.address == "both0:7000");
  CHECK(members.find(1)->who.workers == std::vector<std::string>{"w0"});
  CHECK(members.find(1)->who.settings.empty());
  CHECK(members.find(1)->process == "1");
  members.remove(2);
  members.remove(2);
  CHECK_FALSE(members.find(2));
  CHECK(members.members().size() == 1);
  CHECK(members.admit(worker("w1"), "2") == 3);
  members.remove(1);
  CHECK(members.serving() == 0);
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
    roster expected{ps_nodes};
    member_id last = 0;
    const auto arrive = [&](const hello& greeting, const hello_origin& origin) {
      const bool refused = members.objection(greeting, origin).has_value();
      REQUIRE(refused != expected.takes(greeting, origin));
      if (refused)
        return;
      const auto who = members.admit(greeting, origin.process);
      REQUIRE(who > std::exchange(last, who));
      expected.present[who] = {greeting, origin.process};
      net.at(net.now + 3 * net.uniform(), [&, who] {
        members.remove(who);
        expected.present.erase(who);
      });
    };
    for (int i = 0; i < 200; ++i) {
      const auto number = std::to_string(net.below(4));
      auto greeting = net.uniform() < 0.5 ? worker("both" + number) : ps("both" + number);
      if (net.uniform() < 0.3)
        greeting.workers = {"w" + std::to_string(net.below(4)), "v" + number};
      auto origin = from(std::to_string(net.below(5)),
                         net.uniform() < 0.3 ? "both" + std::to_string(net.below(4)) : "");
      origin.connected = net.uniform() < 0.9;
      net.at(20 * net.uniform(), [&, greeting, origin] {
        net.send([&, greeting, origin] { arrive(greeting, origin); });
      });
    }
    const auto close = [&](double when, bool ends, auto how) {
      net.at(when, [&, ends, how] {
        how();
        expected.open = false;
        expected.ending |= ends;
      });
    };
    if (seed % 2 == 1) {
      close(15, true, [&] { REQUIRE(members.begin_end() != expected.ending); });
      close(15 + 3 * net.uniform(), true, [&] { REQUIRE(members.begin_end() != expected.ending); });
    }
    if (seed % 3 == 1)
      close(14 + 4 * net.uniform(), false, [&] { members.lose_shards(); });
    if (seed % 4 == 1)
      close(14 + 4 * net.uniform(), true, [&] { members.end({seed % 8 == 1, "over"}); });
    net.run_until(30, [&] { REQUIRE(expected.agrees_with(members)); });
    CHECK(members.members().empty());
    CHECK(members.objection(worker("w9"), from("9")).has_value() != expected.open);
  }
}
