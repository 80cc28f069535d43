// Clusters over loopback TCP: the same results as in one process, and nodes that are not what they
// say.
#include "sync/policies.hpp"
#include "tests/integration/loopback.hpp"

#include <algorithm>

using namespace adsp;
using test::three_workers;
using test::whole_cluster;

namespace {

job_result in_one_process(const job& x) {
  system_config config{drive::real_time};
  caf::actor_system system{config};
  caf::scoped_actor self{system};
  auto recorder = spawn_mock(system, test::recorder, std::make_shared<test::recording>());
  auto all = spawn_cluster(system, x, test::tiny_data(), recorder, threads::many);
  job_result end;
  self->request(all.scheduler, test::patience, result_atom::value)
      .receive([&](job_result& y) { end = std::move(y); },
               [](const caf::error& why) { FAIL(to_text(why)); });
  caf::anon_send_exit(recorder, caf::exit_reason::kill);
  return end;
}

double loss_sum_of(const job_result& x, const std::string& worker) {
  const auto found = std::ranges::find(x.workers, worker, &worker_summary::name);
  REQUIRE(found != x.workers.end());
  return found->progress.loss_sum;
}

} // namespace

TEST_CASE("BSP over processes loses at every step what BSP in one process does, however short the "
          "steps") {
  for (std::uint64_t rounds : {1, 2, 3, 8, 200}) {
    CAPTURE(rounds);
    auto x = three_workers(sync::policy_kind::bsp);
    x.max_steps = 3 * rounds;
    const auto expected = in_one_process(x);
    whole_cluster all{x};
    const auto found = all.head.result();
    CHECK(found.reason == end_reason::max_steps);
    CHECK(found.total.steps == x.max_steps);
    CHECK(found.last.loss == doctest::Approx(expected.last.loss).epsilon(1e-5));
    // The sum over a worker's steps: one that began from other parameters would show.
    for (const auto& worker : found.workers)
      CHECK(worker.progress.loss_sum ==
            doctest::Approx(loss_sum_of(expected, worker.name)).epsilon(1e-5));
    all.head.tell_finish();
    for (auto& each : all.members)
      CHECK(each->end() == caf::none);
  }
}

TEST_CASE("every policy reaches the target over processes") {
  for (const auto& policy : sync::policies()) {
    CAPTURE(std::string{policy.name});
    auto x = three_workers(policy.kind);
    x.sync.check_period = 0.05;
    x.sync.local_steps = 5;
    x.evaluation.interval = 0.02;
    x.evaluation.window = 1;
    x.evaluation.target_accuracy = 0.9;
    x.max_time = test::patience.count();
    whole_cluster all{x};
    const auto found = all.head.result();
    CHECK(found.reason == end_reason::target_reached);
    CHECK(found.last.accuracy >= 0.9);
    CHECK(found.workers.size() == 3);
    all.head.tell_finish();
    for (auto& each : all.members)
      CHECK(each->end() == caf::none);
  }
}

TEST_CASE("who is not what it says is refused, and the job goes on") {
  auto x = three_workers(sync::policy_kind::tap);
  whole_cluster all{x};
  all.head.until([](const job_status& now) { return now.total.steps > 10; });

  SUBCASE("a name that is taken") {
    test::member_process other{x, "w1", false, true, test::tiny_data()};
    other.join(all.head.port);
    CHECK(other.end() == ec::name_taken);
  }
  SUBCASE("another config") {
    test::member_process other{x, "w7", false, true, test::tiny_data()};
    other.setup.self.settings[1].value = "bsp";
    other.setup.self.fingerprint = test::fingerprint_of(other.setup.self.settings);
    other.join(all.head.port);
    const auto why = other.end();
    CHECK(why == ec::config_differs);
    CHECK(to_text(why).find("sync.policy") != std::string::npos);
    CHECK(to_text(why).find("job.name") == std::string::npos);
  }
  SUBCASE("a name that is not on the list") {
    test::member_process other{x, "stranger", false, true, test::tiny_data()};
    other.join(all.head.port);
    CHECK(other.end() == ec::not_permitted);
  }
  SUBCASE("one more node for shards") {
    test::member_process other{x, "p2", true, false};
    other.join(all.head.port);
    CHECK(other.end() == ec::not_permitted);
  }
  const auto before = all.head.status().total.steps;
  all.head.until([&](const job_status& now) { return now.total.steps > before; });
  CHECK(all.head.status().workers == 3);
}
