// Nodes of a cluster that leave, are lost and come back, and the end of the job.
#include "tests/actors/cluster/registrar_neighbours.hpp"

using namespace adsp;
using fixture = test::registrar_fixture;

namespace {

struct two_ps : fixture {
  two_ps() : fixture{2} {}
};

/// More nodes for shards than there are shards.
struct four_ps : fixture {
  four_ps() : fixture{4} {}
};

} // namespace

TEST_CASE_FIXTURE(fixture, "a worker's node that leaves or is lost comes back as another process") {
  const auto p1 = joined(ps("p1"));
  const auto first = joined(worker("w0"));
  REQUIRE(first->addresses);
  SUBCASE("it leaves") {
    part(first);
    CHECK(logged("node=w0 left"));
  }
  SUBCASE("its connection ends") {
    lose(first);
    CHECK(std::ranges::any_of(
        lines, [](const auto& line) { return line.find("node=w0 lost reason=") == 0; }));
  }
  // Its workers are out of the job, and its commits are taken no more.
  CHECK(of_scheduler->lost == std::vector{first.id});
  CHECK(p1->revoked == std::vector{first.id});
  CHECK_FALSE(rights->admitted(first.id));
  CHECK_FALSE(rights->may_join("w0", first.id));

  const auto again = joined(worker("w0"));
  CHECK(again.id != first.id);
  REQUIRE(again->addresses);
  CHECK(again->scheduler == first->scheduler);
  CHECK(rights->may_join("w0", again.id));
  CHECK(of_scheduler->lost.size() == 1);
  CHECK(begun == 1);
}

TEST_CASE_FIXTURE(fixture, "a node that does not answer is lost after the lease") {
  joined(ps("p1"));
  const auto silent = joined(worker("w0"));
  const auto other = joined(worker("w1"));
  silent->silent = true;
  world.advance(lease);
  CHECK(of_scheduler->lost.empty());
  world.advance(lease / 2);
  CHECK(of_scheduler->lost == std::vector{silent.id});
  CHECK(logged("node=w0 lost reason=\"not reached: not heard from for 10 s\""));
  world.advance(10 * lease); // the others answer
  CHECK(of_scheduler->lost.size() == 1);
}

TEST_CASE_FIXTURE(fixture, "a registrar that stood still itself gives everybody another lease") {
  joined(ps("p1"));
  const auto node = joined(worker("w0"));
  world.coordinator.clock().current_time += to_duration(100 * lease);
  world.advance(lease / 2);
  CHECK(of_scheduler->lost.empty());
}

TEST_CASE_FIXTURE(two_ps, "shards of a node that is lost before the job begins are placed anew") {
  const auto p1 = joined(ps("p1"));
  REQUIRE(p1->hosted.size() == 1);
  CHECK(p1->hosted[0].shard == 0);
  lose(p1);
  const auto p2 = joined(ps("p2"));
  REQUIRE(p2->hosted.size() == 1);
  CHECK(p2->hosted[0].shard == 0); // what p1 had
  CHECK(begun == 0);
  const auto again = joined(ps("p1"));
  REQUIRE(again->hosted.size() == 1);
  CHECK(again->hosted[0].shard == 1);
  CHECK(begun == 1);
  CHECK(ps_nodes_of_job == 2);
}

TEST_CASE_FIXTURE(two_ps, "shards of a node that is lost in the job are not placed again") {
  const auto p1 = joined(ps("p1"));
  const auto p2 = joined(ps("p2"));
  REQUIRE(begun == 1);
  lose(p1);
  CHECK(of_scheduler->lost == std::vector{p1.id}); // which ends the job
  CHECK(p2->revoked == std::vector{p1.id});
  CHECK(begun == 1);
}

TEST_CASE_FIXTURE(four_ps, "nodes for shards beyond the number of shards host none") {
  std::vector<test::visitor> four;
  for (const auto* name : {"p1", "p2", "p3", "p4"})
    four.push_back(joined(ps(name)));
  for (std::size_t i = 0; i < four.size(); ++i)
    CHECK(four[i]->hosted.size() == (i < 2 ? 1 : 0));
  CHECK(begun == 1);
  lose(four.back()); // nothing is lost with it
  CHECK(join(worker("w0")));
}

TEST_CASE_FIXTURE(fixture, "whoever comes when shards are lost is told that the job fails") {
  const auto p1 = joined(ps("p1"));
  const auto late = worker("w0");
  lose(p1);
  SUBCASE("the end has still to begin") {}
  SUBCASE("it is under way") {
    caf::anon_send(head, stop_atom::value);
    world.settle();
  }
  CHECK_FALSE(join(late));
  CHECK(late->refused == ec::job_failed);
}

TEST_CASE_FIXTURE(two_ps, "of two nodes with shards and workers the later one connects") {
  const auto first = ps("both1");
  const auto second = ps("both2");
  first->greeting.workers = {"w1"};
  second->greeting.workers = {"w2"};
  REQUIRE(join(first));
  REQUIRE(join(second));
  REQUIRE(first->addresses);
  CHECK(first->addresses->empty());
  REQUIRE(second->addresses);
  CHECK(*second->addresses == std::vector<std::string>{"both1:7000"});
  const auto other = joined(worker("w0"));
  CHECK(*other->addresses == std::vector<std::string>{"both1:7000", "both2:7000"});
}

TEST_CASE_FIXTURE(fixture, "a peer that a node with shards has dropped is out") {
  const auto p1 = joined(ps("p1"));
  const auto rogue = joined(worker("w0"));
  caf::send_as(p1.handle, head, dropped_atom::value, rogue.id);
  world.settle();
  CHECK(of_scheduler->lost == std::vector{rogue.id});
  CHECK(rights->dropped(rogue.id, ""));
  const auto back = worker("w0");
  CHECK(join(back)); // without TLS another process is somebody else
}

TEST_CASE_FIXTURE(fixture, "a word of a worker's node against others is a strike against it") {
  joined(ps("p1"));
  const auto liar = joined(worker("w0"));
  const auto other = joined(worker("w1"));
  for (int i = 0; i < adsp::access::max_strikes; ++i)
    caf::send_as(liar.handle, head, dropped_atom::value, other.id);
  world.settle();
  CHECK(of_scheduler->lost == std::vector{liar.id});
}

TEST_CASE_FIXTURE(fixture, "a node with shards that is to leave ends the job first") {
  const auto p1 = ps("p1");
  SUBCASE("there is none") {
    const auto idle = joined(worker("w0"));
    caf::anon_send(idle.handle, leave_atom::value);
    world.settle();
    REQUIRE(idle->end);
    CHECK(idle->end->success);
    CHECK(of_scheduler->stopped.empty());
  }
  SUBCASE("there is one") {
    joined(p1);
    caf::anon_send(p1.handle, leave_atom::value);
    world.settle();
    CHECK_FALSE(p1->end);
    REQUIRE(of_scheduler->stopped.size() == 1);
    CHECK(of_scheduler->stopped[0].find("node p1") == 0);
  }
  SUBCASE("the job ends already, for another reason") {
    joined(p1);
    caf::anon_send(head, stop_atom::value);
    world.settle();
    caf::anon_send(p1.handle, leave_atom::value);
    world.settle();
    CHECK_FALSE(p1->end);
    CHECK(of_scheduler->stopped.empty());
    CHECK(lines.back() == "job=tiny ending");
  }
}

TEST_CASE_FIXTURE(fixture, "the end is told everybody, and whoever comes then") {
  const auto p1 = joined(ps("p1"));
  const auto w0 = joined(worker("w0"));
  const auto late = worker("w1");
  auto expected = ec::job_ended;
  SUBCASE("well") {
    CHECK(world.tell(head, finish{true, "done"}));
    CHECK(w0->end->success);
  }
  SUBCASE("badly") {
    CHECK(world.tell(head, finish{false, "no luck"}));
    CHECK(w0->end->text == "no luck");
    expected = ec::job_failed;
  }
  SUBCASE("not yet") {
    caf::anon_send(head, stop_atom::value);
    world.settle();
    CHECK_FALSE(w0->end);
    CHECK(logged("job=tiny ending"));
  }
  CHECK(p1->end.has_value() == w0->end.has_value());
  lose(w0); // it ends before it has answered, or with the job's failure
  CHECK(logged("node=w0 left") == w0->end.has_value());
  CHECK_FALSE(join(late));
  CHECK(late->refused == expected);
}

TEST_CASE_FIXTURE(fixture, "the end waits for nobody whose connection ends while it is told") {
  const auto w0 = joined(worker("w0"));
  const auto w1 = joined(worker("w1"));
  w0->deaf = true;
  bool over = false;
  auto pending = world.self->request(head, caf::infinite, finish{true, "done"});
  const auto look = [&] { over = !world.self->mailbox().empty(); };
  world.settle();
  look();
  CHECK(w1->end);
  CHECK_FALSE(over);
  SUBCASE("it ends") {
    lose(w0);
  }
  SUBCASE("it does not, and the end goes on without it") {
    world.advance(5.1);
  }
  look();
  REQUIRE(over);
  pending.receive([] {}, [](const caf::error& why) { FAIL(to_text(why)); });
}
