// Nodes of a cluster over loopback TCP that come, leave and die, before, during and at the end of
// the job.
#include "sync/adsp_options.hpp"
#include "tests/integration/loopback.hpp"

using namespace adsp;
using test::three_workers;
using test::whole_cluster;

TEST_CASE("a worker's process that dies holds up no barrier, and nobody is counted twice") {
  auto x = three_workers(sync::policy_kind::bsp);
  whole_cluster all{x};
  const auto until_trained_by = [&](std::uint32_t workers) {
    all.head.until([&](const job_status& now) { return now.workers == workers; });
    const auto before = all.head.status().total.steps;
    all.head.until([&](const job_status& now) { return now.total.steps > before + 100; });
    CHECK(all.head.status().workers == workers);
  };
  until_trained_by(3);
  all.members.back().reset(); // closes its connections, says nothing
  until_trained_by(2);
  // The same name comes back as another member.
  auto back = std::make_unique<test::member_process>(x, "w2", false, true, test::tiny_data());
  back->join(all.head.port);
  until_trained_by(3);
  all.head.self->send(all.head.boss, stop_atom::value);
  const auto found = all.head.result();
  CHECK(found.reason == end_reason::interrupted);
  std::uint64_t steps = 0;
  for (const auto& worker : found.workers)
    steps += worker.progress.steps;
  CHECK(found.workers.size() == 4);
  CHECK(steps == found.total.steps);
}

TEST_CASE("a worker that leaves commits what it has learnt and says good-bye") {
  auto x = three_workers(sync::policy_kind::adsp);
  x.sync.adsp->step = sync::server_step::commit;
  x.sync.adsp->search = sync::search_kind::none;
  x.sync.check_period = 1000; // nobody commits by itself
  whole_cluster all{x};
  auto& leaver = *all.members.back();
  leaver.until_trained();
  leaver.self->send(leaver.part, leave_atom::value);
  CHECK(leaver.end() == caf::none);
  all.head.until([&](const job_status& now) {
    return now.workers == 2 && all.head.log->holds("node=w2 left");
  });
  CHECK(all.head.status().total.commits == 1);
  all.head.self->send(all.head.boss, stop_atom::value);
  CHECK(all.head.result().reason == end_reason::interrupted);
}

TEST_CASE("a node with shards that leaves ends the job with all that was learnt") {
  auto x = three_workers(sync::policy_kind::tap);
  whole_cluster all{x};
  all.head.until([](const job_status& now) { return now.total.steps > 100; });
  auto& leaver = *all.members.front();
  leaver.self->send(leaver.part, leave_atom::value);
  const auto found = all.head.result();
  CHECK(found.reason == end_reason::interrupted);
  CHECK(found.text.find("node p0") != std::string::npos);
  CHECK(found.parameters.size() == 2);
  all.head.tell_finish();
  for (auto& each : all.members)
    CHECK(each->end() == caf::none);
}

TEST_CASE("a node with shards leaves at once when no job has begun") {
  auto x = three_workers(sync::policy_kind::tap);
  test::head_process head{x, test::tiny_data()};
  test::member_process p0{x, "p0", true, false};
  p0.join(head.port);
  p0.until("admitted");
  p0.self->send(p0.part, leave_atom::value);
  CHECK(p0.end() == caf::none);
}

TEST_CASE("who comes when the job ends, or is there, waits for how it has ended") {
  auto x = three_workers(sync::policy_kind::tap);
  x.cluster.lease = 1000;
  whole_cluster all{x, 2};
  all.head.until([](const job_status& now) { return now.workers == 2; });
  all.head.self->send(all.head.boss, stop_atom::value);
  all.head.until([](const job_status& now) { return now.ended; });
  // Admitted, for the registrar does not know yet; its worker is told.
  test::member_process late{x, "w2", false, true, test::tiny_data()};
  late.join(all.head.port);
  late.until("training");
  // The same when the result has been taken.
  CHECK(all.head.result().reason == end_reason::interrupted);
  test::member_process last{x, "w8", false, true, test::tiny_data()};
  last.join(all.head.port);
  last.until("training");
  all.head.self->send(all.head.head, stop_atom::value);
  test::member_process later{x, "w7", false, true, test::tiny_data()};
  later.join(all.head.port);
  CHECK(later.end() == ec::job_ended);
  all.head.tell_finish();
  CHECK(late.end() == caf::none);
  CHECK(last.end() == caf::none);
  for (auto& each : all.members)
    CHECK(each->end() == caf::none);
}

TEST_CASE("who comes when the job has failed is told that") {
  auto x = three_workers(sync::policy_kind::tap);
  test::head_process head{x, test::tiny_data()};
  head.self->request(head.head, test::patience, finish{false, "nobody came"})
      .receive([] {}, [](const caf::error& why) { FAIL(to_text(why)); });
  test::member_process late{x, "w1", false, true, test::tiny_data()};
  late.join(head.port);
  CHECK(late.end() == ec::job_failed);
}

TEST_CASE("a job whose workers are all gone goes on with those that come") {
  auto x = three_workers(sync::policy_kind::ssp);
  x.cluster.start_with = 1;
  whole_cluster all{x, 1};
  all.head.until([](const job_status& now) { return now.total.steps > 10; });
  all.members.back().reset();
  all.head.until([](const job_status& now) { return now.workers == 0; });
  const auto before = all.head.status();
  CHECK_FALSE(before.ended);
  test::member_process late{x, "w1", false, true, test::tiny_data()};
  late.join(all.head.port);
  all.head.until([&](const job_status& now) { return now.total.steps > before.total.steps + 100; });
  all.head.self->send(all.head.boss, stop_atom::value);
  const auto found = all.head.result();
  CAPTURE(found.text);
  CHECK(found.reason == end_reason::interrupted);
}

TEST_CASE("a worker that the config does not list trains on all the data") {
  auto x = three_workers(sync::policy_kind::tap);
  x.cluster.start_with = 1;
  x.max_steps = 500;
  whole_cluster all{x, 0};
  test::member_process extra{x, "somebody", false, true, test::tiny_data()};
  extra.join(all.head.port);
  const auto found = all.head.result();
  CHECK(found.reason == end_reason::max_steps);
  CHECK(found.workers.front().name == "somebody");
}

TEST_CASE("a lost node with shards ends the job with a reason") {
  auto x = three_workers(sync::policy_kind::tap);
  x.evaluation.interval = 0.05;
  whole_cluster all{x};
  all.head.until([](const job_status& now) { return now.total.steps > 10 && now.evaluations > 0; });
  all.members.front().reset();
  const auto found = all.head.result();
  CHECK(found.reason == end_reason::failed);
  REQUIRE(found.parameters.size() == 1); // as measured last
  CHECK(found.parameters[0].size() == test::tiny_parameters);
  CHECK(found.text.find("shard") != std::string::npos);
}
