// Who is admitted to a cluster, and who is refused and told why.
#include "tests/actors/cluster/registrar_neighbours.hpp"

using namespace adsp;
using fixture = test::registrar_fixture;

TEST_CASE_FIXTURE(fixture,
                  "nodes are admitted, shards placed, and the job begins with all of them") {
  const auto early = joined(worker("w0"));
  CHECK(*early->lease == lease);
  CHECK(logged("node=w0 admitted role=worker workers=1"));
  CHECK_FALSE(early->addresses);
  CHECK(begun == 0);
  CHECK(waiting_for() == "nodes with the role ps: 0 of 1 are there");

  const auto p1 = joined(ps("p1"));
  CHECK(logged("node=p1 admitted role=ps workers=0"));
  REQUIRE(p1->hosted.size() == 2); // the whole model
  CHECK(p1->hosted[0].initial == copy_of(std::vector{0.0f, 1.0f, 2.0f, 3.0f}));
  CHECK(p1->hosted[1].initial == copy_of(std::vector{4.0f, 5.0f}));
  CHECK(begun == 1);
  CHECK(ps_nodes_of_job == 1);
  CHECK(waiting_for().empty());
  CHECK(logged("job=tiny ready shards=2 ps_nodes=1"));
  REQUIRE(early->addresses);
  CHECK(*early->addresses == std::vector<std::string>{"p1:7000"});
  CHECK_FALSE(p1->addresses); // it has no workers

  const auto late = joined(worker("w1"));
  REQUIRE(late->addresses);
  CHECK(late->scheduler == early->scheduler);
  CHECK(begun == 1);
}

TEST_CASE_FIXTURE(fixture, "a name that is taken") {
  const auto first = joined(worker("w0"));
  SUBCASE("of the node") {
    const auto second = worker("w0");
    second->greeting.workers = {"w1"};
    CHECK_FALSE(join(second));
    CHECK(second->refused == ec::name_taken);
    // Who tries again is told so again; the log has been told.
    CHECK_FALSE(join(second));
    CHECK(second->refused == ec::name_taken);
    CHECK(std::ranges::count_if(lines, [](const auto& line) {
            return line.find("node=w0 refused reason=\"another") == 0;
          }) == 1);
    lose(first);
    CHECK(join(second));
  }
  SUBCASE("of a worker") {
    const auto second = worker("a");
    second->greeting.workers = {"w0"};
    CHECK_FALSE(join(second));
    CHECK(second->refused == ec::name_taken);
    CHECK(to_text(second->refused).find("worker w0 is on node w0") != std::string::npos);
  }
}

TEST_CASE_FIXTURE(fixture, "a process is one node") {
  const auto first = joined(worker("w0"));
  first->greeting = worker("w1")->greeting;
  CHECK_FALSE(join(first));
  CHECK(first->refused == ec::name_taken);
  CHECK(to_text(first->refused).find("its process is node w0") != std::string::npos);
}

TEST_CASE_FIXTURE(fixture, "a config that differs is refused with the keys that do") {
  const auto other = worker("w0");
  other->greeting.fingerprint = 0xfedcba9876543210;
  std::string expected;
  std::string unexpected = "job.name";
  SUBCASE("another value") {
    other->greeting.settings[1].value = "bsp";
    expected = "sync.policy";
  }
  SUBCASE("one too many") {
    other->greeting.settings.push_back({"wire.commit", "fp16"});
    expected = "wire.commit";
  }
  SUBCASE("one missing") {
    other->greeting.settings.erase(other->greeting.settings.begin());
    expected = "job.name";
    unexpected = "sync.policy";
  }
  SUBCASE("many") {
    for (int i = 0; i < 20; ++i)
      other->greeting.settings.push_back({"z.key" + std::to_string(10 + i), "1"});
    expected = "z.key17 and 12 more";
  }
  SUBCASE("none: what it says of its settings is not so") {
    expected = "its fingerprint, though none of the settings that it names; install the same adsp";
    unexpected = "sync.policy";
  }
  SUBCASE("the protocol") {
    other->greeting.protocol += 1;
    expected = "install the same adsp on both";
  }
  CHECK_FALSE(join(other));
  CHECK(other->refused == ec::config_differs);
  const auto text = to_text(other->refused);
  CHECK(text.find(expected) != std::string::npos);
  CHECK(text.find(unexpected) == std::string::npos);
  if (other->greeting.protocol == protocol_version)
    CHECK(text.ends_with("; shared settings: node fedcba9876543210, scheduler 0123456789abcdef"));
  CHECK(logged("node=w0 refused reason=\"" + text + "\""));
  other->greeting = worker("w0")->greeting;
  CHECK(join(other));
}

TEST_CASE_FIXTURE(fixture,
                  "an equal fingerprint says that the settings are, and they are not read") {
  const auto other = worker("w0");
  other->greeting.settings.clear(); // whoever means harm could as well say what is expected
  CHECK(join(other));
}

TEST_CASE_FIXTURE(fixture, "a role that the list does not allow") {
  const auto other = worker("w0");
  SUBCASE("ps") {
    other->greeting.serves = true;
  }
  SUBCASE("worker") {
    other->greeting.node = "p1";
  }
  CHECK_FALSE(join(other));
  CHECK(other->refused == ec::not_permitted);
  CHECK(to_text(other->refused).find("role ") != std::string::npos);
}

TEST_CASE_FIXTURE(fixture, "one more node with shards than the job has") {
  joined(ps("p1"));
  const auto other = ps("p2");
  CHECK_FALSE(join(other));
  CHECK(other->refused == ec::not_permitted);
  CHECK(to_text(other->refused).find("cluster.ps_nodes") != std::string::npos);
  CHECK(other->hosted.empty());
}

TEST_CASE_FIXTURE(fixture, "names and addresses that are none, and too much of them") {
  const auto other = worker("w0");
  auto expected = ec::not_permitted;
  SUBCASE("the node's") {
    other->greeting.node = "w0\nnode=w1 joined";
  }
  SUBCASE("a worker's") {
    other->greeting.workers = {"../w0"};
  }
  SUBCASE("an address") {
    other->greeting.address = "somewhere";
  }
  SUBCASE("a hello that is too long") {
    other->greeting.settings = {{"key", std::string(65 * 1024, 'x')}};
    expected = ec::wrong_size;
  }
  CHECK_FALSE(join(other));
  CHECK(other->refused == expected);
  for (const auto& line : lines)
    CHECK(line.find('\n') == std::string::npos);
}

TEST_CASE_FIXTURE(fixture, "a name is the one in the certificate of a connection that stands") {
  const auto other = worker("w0");
  all->leave(other.connection);
  auto expected = ec::not_trusted;
  std::string why;
  SUBCASE("the connection has ended") {
    expected = ec::not_reached;
    why = "its connection has ended";
  }
  SUBCASE("it has ended, and the certificate was the right one") {
    all->leave(connect(other.id, "w0"));
    expected = ec::not_reached;
    why = "its connection has ended";
  }
  SUBCASE("the certificate is of another node") {
    connect(other.id, "mallory");
    why = "its certificate is of mallory";
  }
  SUBCASE("the process has been dropped") {
    connect(other.id, "w0");
    rights->drop(other.id, "nonsense");
    expected = ec::not_permitted;
    why = "it has been dropped";
  }
  CHECK_FALSE(join(other));
  CHECK(other->refused == expected);
  CHECK(to_text(other->refused).find(why) != std::string::npos);
  const auto honest = worker("w1");
  all->leave(honest.connection);
  connect(honest.id, "w1");
  CHECK(join(honest));
}

TEST_CASE_FIXTURE(fixture, "who comes again after it has been refused for good is dropped") {
  const auto other = worker("w0");
  other->greeting.protocol += 1;
  CHECK_FALSE(join(other));
  for (int i = 1; i <= adsp::access::max_strikes; ++i) {
    CHECK_FALSE(rights->dropped(other.id, ""));
    other->greeting.node = "w" + std::to_string(i);
    CHECK_FALSE(join(other));
  }
  CHECK(rights->dropped(other.id, ""));
}

TEST_CASE_FIXTURE(fixture, "who comes under many names is a few lines in the log") {
  joined(worker("w0"));
  const auto other = worker("a");
  other->greeting.workers = {"w0"};
  for (int i = 0; i < 100; ++i) {
    other->greeting.node = "a" + std::to_string(i);
    CHECK_FALSE(join(other));
    CHECK(other->refused == ec::name_taken);
  }
  CHECK(std::ranges::count_if(lines, [](const auto& line) {
          return line.find(" refused ") != std::string::npos;
        }) == 8);
  CHECK_FALSE(rights->dropped(other.id, ""));
}

TEST_CASE_FIXTURE(fixture, "a handle of nobody, or of another process, is no node") {
  const auto other = worker("w0");
  for (const auto& handle : {node_actor{}, caf::actor_cast<node_actor>(other.handle)}) {
    CHECK_FALSE(world.ask<admitted>(head, other->greeting, handle));
    CHECK(world.error == ec::not_trusted);
    world.self->send(head, leave_atom::value, handle);
    world.settle();
  }
  const auto p1 = ps("p1");
  p1->gives_nothing = true;
  join(p1);
  CHECK(begun == 0);
  CHECK(std::ranges::any_of(lines,
                            [](const auto& line) { return line.starts_with("node=p1 lost "); }));
  joined(ps("p2"));
  CHECK(begun == 1);
}
