// Peers over loopback TCP that do what no node does: what they can change, and when they are dropped.
#include "tests/integration/loopback.hpp"
#include "transport/endpoint.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

using namespace adsp;
using test::three_workers;
using test::whole_cluster;

namespace {

/// What a node that is up to no good has been given.
struct loot {
  std::mutex mutex;
  std::vector<shard_actor> shards;
  scheduler_actor scheduler;
  std::vector<std::string> addresses;
};

test::mock<node_actor> rogue_node(caf::event_based_actor*, const std::shared_ptr<loot>& into) {
  return {
      [](alive_atom) { return alive_atom::value; },
      [=](const work& given) {
        const std::lock_guard lock{into->mutex};
        into->addresses = given.addresses;
        into->scheduler = given.scheduler;
        into->shards = given.shards;
      },
      [](const finish&) {},
  };
}

test::mock<worker_actor> rogue_worker(caf::event_based_actor*) {
  return {
      [](const sync::instruction&) {},
      [](report_atom) { return report{}; },
      [](stop_atom) { return report{}; },
  };
}

/// A process that is admitted under the name w2 and does what the test says.
struct rogue : test::process {
  explicit rogue(std::uint16_t port, const std::string& policy = "tap") {
    const auto head = meet(port);
    rights->follow(head.node());
    hello me;
    me.node = "w2";
    me.workers = {"w2"};
    me.settings = {{"job.name", "tiny"}, {"sync.policy", policy}};
    me.fingerprint = test::fingerprint_of(me.settings);
    part = spawn_mock(system, rogue_node, got);
    self->request(head, test::patience, me, part)
        .receive([](const admitted&) {}, [](const caf::error& why) { FAIL(to_text(why)); });
    REQUIRE(test::comes_true([&] {
      const std::lock_guard lock{got->mutex};
      return !got->shards.empty();
    }));
    for (const auto& address : got->addresses)
      REQUIRE(gateway.connect<port_marker_actor>(*transport::parse_endpoint(address)));
  }
  ~rogue() {
    caf::anon_send_exit(part, caf::exit_reason::kill);
    caf::anon_send_exit(worker, caf::exit_reason::kill);
  }

  caf::error answer_to(const shard_actor& shard, const push& x) {
    caf::error why;
    self->request(shard, test::patience, x)
        .receive([](const fresh&) {}, [&](const caf::error& error) { why = error; });
    return why;
  }

  std::shared_ptr<loot> got = std::make_shared<loot>();
  node_actor part;
  worker_actor worker = spawn_mock(system, rogue_worker);
};

/// A scheduler's node, and somebody who has reached it and takes no part.
struct visited {
  job x = three_workers(sync::policy_kind::tap);
  test::head_process head{x, test::tiny_data()};
  test::process stranger;
  registrar_actor there = stranger.meet(head.port);
};

parameter_block block_of(float value, std::size_t size) {
  return copy_of(std::vector<float>(size, value));
}

} // namespace

TEST_CASE("a peer commits for its own workers only, and is dropped when it sends nonsense") {
  auto x = three_workers(sync::policy_kind::tap);
  x.cluster.start_with = 4; // never: nobody trains, so that what changes is the rogue's doing
  whole_cluster all{x, 2};
  all.head.until([](const job_status& now) { return now.workers == 2; });
  rogue other{all.head.port};
  const auto shard = other.got->shards.front();
  const auto nan = std::numeric_limits<float>::quiet_NaN();

  // Before it has joined, and in the name of another.
  CHECK(other.answer_to(shard, {{0, 1}, 0, true, block_of(1, 4), 0}) == ec::not_permitted);

  worker_id id = 0;
  other.self->request(other.got->scheduler, test::patience, join{"w1", 6}, other.worker)
      .receive([](const welcome&) { FAIL("w1 is of another node"); },
               [](const caf::error& why) { CHECK(why == ec::not_permitted); });
  other.self->request(other.got->scheduler, test::patience, join{"w2", 6}, other.worker)
      .receive([&](const welcome& w) { id = w.worker; },
               [](const caf::error& why) { FAIL(to_text(why)); });
  REQUIRE(id == 2);
  CHECK(other.answer_to(shard, {{1, 1}, 0, true, block_of(1, 4), 0}) == ec::not_permitted);
  other.self->request(other.got->scheduler, test::patience, report{1, {1000, 1000}})
      .receive([](const sync::instruction&) { FAIL("a report for another"); },
               [](const caf::error& why) { CHECK(why == ec::not_permitted); });
  CHECK(all.head.status().total.steps == 0);

  CHECK(other.answer_to(shard, {{2, 1}, 1, true, block_of(1, 4), 0}) == ec::wrong_shard);
  CHECK(other.answer_to(shard, {{2, 1}, 0, true, block_of(1, 3), 0}) == ec::wrong_size);
  for (int i = 3; i < access::max_strikes; ++i)
    CHECK(other.answer_to(shard, {{2, 1}, 0, true, block_of(nan, 4), 0}) == ec::not_finite);
  // The last one: its connection ends before the answer.
  other.self->send(shard, push{{2, 1}, 0, true, block_of(nan, 4), 0});
  // The node of that shard is the one that came first. It tells the scheduler's, where the worker's
  // part ends: it would hold up every barrier.
  all.head.until([](const job_status& now) { return now.workers == 2; });
  CHECK(std::ranges::any_of(all.members,
                            [](const auto& each) { return each->log->holds("dropped"); }));
  CHECK(all.head.log->comes("node=w2 lost reason=\"not permitted: malformed messages"));
  all.head.self->send(all.head.boss, stop_atom::value);
  CHECK(all.head.result().reason == end_reason::interrupted);
}

TEST_CASE("a peer's counts are believed when they can be, and its orders are its end") {
  auto x = three_workers(sync::policy_kind::bsp);
  x.cluster.start_with = 3;
  x.max_steps = 1'000'000;
  whole_cluster all{x, 2};
  all.head.until([](const job_status& now) { return now.workers == 2; });
  rogue other{all.head.port, "bsp"};
  other.self->request(other.got->scheduler, test::patience, join{"w2", 6}, other.worker)
      .receive([](const welcome&) {}, [](const caf::error& why) { FAIL(to_text(why)); });
  const auto answer_to = [&](const sync::progress& counts) {
    caf::error why;
    other.self->request(other.got->scheduler, test::patience, report{2, counts})
        .receive([](const sync::instruction&) {}, [&](const caf::error& error) { why = error; });
    return why;
  };
  REQUIRE(answer_to({}) == caf::none);
  // Training has begun when all three are ready, and the first round lasts as long as this one is
  // there.
  all.head.until([](const job_status& now) { return now.total.steps >= 2; });
  SUBCASE("counts that cannot be") {
    CHECK(answer_to({std::uint64_t{1} << 60, 1}) == ec::not_permitted);
    CHECK(answer_to({1, std::uint64_t{1} << 60}) == ec::not_permitted);
    CHECK(answer_to({1, 1, std::uint64_t{1} << 60}) == ec::not_permitted);
    CHECK(answer_to({1, 1, 0, -1}) == ec::not_permitted);
    const auto now = all.head.status();
    CHECK_FALSE(now.ended);
    CHECK(now.total.steps < 1'000'000);
    CHECK(std::isfinite(now.total.compute));
    other.self->send(other.got->scheduler, report{2, {1, 1, 0, 0, 0, -1}});
  }
  SUBCASE("an order to stop") {
    other.self->send(other.got->scheduler, stop_atom::value);
  }
  // Its place in the barrier is nobody's: the others go on.
  all.head.until([](const job_status& now) { return now.workers == 2 && now.total.steps > 100; });
  CHECK_FALSE(all.head.status().ended);
  all.head.self->send(all.head.boss, stop_atom::value);
  CHECK(all.head.result().reason == end_reason::interrupted);
}

TEST_CASE("a worker joins from where it is") {
  auto x = three_workers(sync::policy_kind::tap);
  x.cluster.start_with = 4;
  whole_cluster all{x, 2};
  all.head.until([](const job_status& now) { return now.workers == 2; });
  rogue other{all.head.port};
  // Of the same name and node, but asked by somebody of another process.
  all.head.self->request(all.head.begun(), test::patience, join{"w2", 6}, other.worker)
      .receive([](const welcome&) { FAIL("joined by another"); },
               [](const caf::error& why) { CHECK(why == ec::not_permitted); });
}

TEST_CASE_FIXTURE(visited, "an invalid hello admits nobody") {
  auto part = spawn_mock(stranger.system, rogue_node, std::make_shared<loot>());
  const auto refused = [&](const hello& greeting) {
    caf::error why;
    test::process another; // who is refused again and again is dropped
    const auto its_part = spawn_mock(another.system, rogue_node, std::make_shared<loot>());
    another.self->request(another.meet(head.port), test::patience, greeting, its_part)
        .receive([](const admitted&) { FAIL("a stranger is admitted"); },
                 [&](const caf::error& error) { why = error; });
    caf::anon_send_exit(its_part, caf::exit_reason::kill);
    return why;
  };
  hello odd;
  for (const auto* name : {"", ".", "..", "-a", "a b", "a\nadsp: done", "a\"b"}) {
    odd.node = name;
    CHECK(refused(odd) == ec::not_permitted);
  }
  odd.node = "a";
  odd.workers = {"w\nadsp: node=b lost"};
  CHECK(refused(odd) == ec::not_permitted);
  odd.workers = {"w"};
  odd.address = "127.0.0.1\n:1";
  CHECK(refused(odd) == ec::not_permitted);
  odd.address.clear();
  odd.settings = {{"key\nadsp: done", "1"}};
  const auto why = refused(odd);
  CHECK(why == ec::config_differs);
  CHECK(to_text(why).find("key\\x0aadsp: done") != std::string::npos);
  CHECK_FALSE(head.log->holds("\n"));
  // What is long comes from who takes part: the connection ends, whatever it is.
  odd.workers = std::vector<std::string>(100'000, "w");
  stranger.self->send(there, odd, part);
  CHECK(head.log->comes("it announces a message of"));
  caf::anon_send_exit(part, caf::exit_reason::kill);
}

TEST_CASE_FIXTURE(visited, "a stranger who orders is cut off") {
  stranger.self->send(there, finish{true, "done"});
  CHECK(head.log->comes("it sends a message that it may not send"));
}

TEST_CASE_FIXTURE(visited, "who says hello under many names is one node and keeps nobody out") {
  const auto part = spawn_mock(stranger.system, rogue_node, std::make_shared<loot>());
  int admissions = 0;
  for (int i = 0; i < 1000; ++i) {
    hello me;
    me.node = "n" + std::to_string(i);
    me.settings = test::settings_of(x);
    me.fingerprint = test::fingerprint_of(me.settings);
    stranger.self->request(there, test::patience, me, part)
        .receive([&](const admitted&) { ++admissions; },
                 [](const caf::error& why) { CHECK(why == ec::name_taken); });
  }
  CHECK(admissions == 1);
  test::member_process honest{x, "p0", true, false};
  honest.join(head.port);
  CHECK(head.log->comes("node=p0 admitted"));
  caf::anon_send_exit(part, caf::exit_reason::kill);
}
