// ESync, WBSP, and local SGD without a barrier: what their workers do when.
#include "sync/esync_policy.hpp"
#include "sync/free_policy.hpp"
#include "sync/policies.hpp"
#include "sync/ringmaster_policy.hpp"
#include "sync/wbsp_policy.hpp"
#include "tests/sync/members.hpp"
#include "tests/sync/schedules.hpp"

#include <doctest/doctest.h>

using namespace adsp::sync;
using namespace adsp::sync::test;

namespace {

/// Calls `body` with three workers of 1, 2.5 and 4 seconds a step, after 400 seconds.
template <class Body>
void with_three(policy_kind kind, Body body) {
  for (unsigned seed = 0; seed < 60; ++seed) {
    CAPTURE(seed);
    fake_cluster all{knobs_of(kind), net_of(seed), seed};
    int waits = 0;
    for (const double step : {1.0, 2.5, 4.0})
      all.add(step);
    all.on_wait = [&](worker_id) { ++waits; };
    all.start();
    all.run_until(400);
    body(all, waits);
  }
}

} // namespace

TEST_CASE("ESync: a round is as long as a step of the slowest, others make the steps that fit") {
  const auto members = members_of(3);
  esync_policy leader{members};
  for (worker_id id : {0, 1, 2})
    leader.joined(id, 0);
  leader.start(0);
  CHECK(leader.instruction_of(0).local_steps == 1); // nothing is measured yet
  CHECK(leader.rounds_closed() == 0);
  leader.reported(0, {.steps = 1, .commits = 1, .compute = 1}, 1);
  leader.reported(1, {.steps = 1, .commits = 1, .compute = 2.5}, 3);
  CHECK(leader.instruction_of(0).permitted_commits == 1);
  leader.reported(2, {.steps = 1, .commits = 1, .compute = 4}, 4);
  CHECK(leader.rounds_closed() == 1);
  CHECK(leader.instruction_of(0).permitted_commits == 2);
  CHECK(leader.instruction_of(0).round == 2);
  CHECK(leader.instruction_of(0).local_steps == 4);
  CHECK(leader.instruction_of(1).local_steps == 1);
  CHECK(leader.instruction_of(2).local_steps == 1);
  CHECK(leader.instruction_of(7).permitted_commits == 0);
}

TEST_CASE("ESync: the round follows devices that become faster or leave") {
  auto members = members_of(2);
  esync_policy leader{members};
  for (worker_id id : {0, 1})
    leader.joined(id, 0);
  leader.start(0);
  leader.reported(0, {.steps = 1, .commits = 1, .compute = 1}, 1);
  leader.reported(1, {.steps = 1, .commits = 1, .compute = 6}, 6);
  CHECK(leader.instruction_of(0).local_steps == 6);
  leader.reported(0, {.steps = 7, .commits = 2, .compute = 7}, 12);
  leader.reported(1, {.steps = 2, .commits = 2, .compute = 9}, 12); // 3 s now
  CHECK(leader.instruction_of(0).local_steps == 3);
  leader.reported(0, {.steps = 10, .commits = 3, .compute = 10}, 15);
  members.leave(1, 15);
  leader.left(1, 15);
  CHECK(leader.instruction_of(0).local_steps == 1);
  CHECK(leader.instruction_of(0).permitted_commits == 4);
}

TEST_CASE("ESync on a network that loses and reorders: everybody has the same rounds") {
  with_three(policy_kind::esync, [](const fake_cluster& all, int) {
    const auto rounds = all.workers[0].done.commits;
    CHECK(rounds > 10);
    for (const auto& each : all.workers) {
      CHECK(each.done.commits + 1 >= rounds);
      CHECK(each.done.commits <= rounds + 1);
    }
    CHECK(all.workers[0].done.steps > 2 * all.workers[2].done.steps);
  });
}

TEST_CASE("WBSP: parameters come once a step of the slowest, and nobody waits") {
  wbsp_worker x;
  CHECK(x.next(0) == action::wait);
  instruction order{.revision = 1, .permitted_commits = unlimited, .round = 1};
  x.instruct(order, 0);
  CHECK_FALSE(x.pulls_with_commit());
  for (int i = 0; i < 3; ++i) {
    CHECK(x.next(0) == action::step);
    x.stepped(0);
    CHECK(x.next(0) == action::commit);
    x.committed(0, 0);
  }
  order = {.revision = 2, .permitted_commits = unlimited, .round = 2};
  x.instruct(order, 0);
  CHECK(x.next(0) == action::pull);
  x.pulled(0);
  CHECK(x.next(0) == action::step);
  x.instruct({.revision = 1, .permitted_commits = 0, .round = 9}, 0); // late
  CHECK(x.next(0) == action::step);
}

TEST_CASE("WBSP: the slowest is whoever has made the fewest commits") {
  auto members = members_of(3);
  wbsp_policy leader{members};
  for (worker_id id : {0, 1, 2})
    leader.joined(id, 0);
  leader.start(0);
  CHECK(leader.instruction_of(0).round == 1);
  leader.reported(0, {.steps = 5, .commits = 5}, 5);
  leader.reported(1, {.steps = 2, .commits = 2}, 5);
  CHECK(leader.instruction_of(0).round == 1);
  leader.reported(2, {.steps = 1, .commits = 1}, 5);
  CHECK(leader.instruction_of(0).round == 2);
  members.leave(2, 6);
  leader.left(2, 6);
  CHECK(leader.instruction_of(0).round == 3);
}

TEST_CASE("WBSP on a network that loses and reorders: nobody waits, all keep fetching") {
  with_three(policy_kind::wbsp, [](const fake_cluster& all, int waits) {
    CHECK(waits == 0); // but for the first permission, which they wait for before
    const std::uint64_t steps[] = {370, 145, 90};
    for (std::size_t i = 0; i < 3; ++i) {
      CHECK(all.workers[i].done.steps >= steps[i]);
      // The others' commits arrive as the slowest makes its steps.
      CHECK(all.workers[i].seen[0] > 300);
      CHECK(all.workers[i].seen[2] > 60);
    }
  });
}

TEST_CASE("Ringmaster: whose delay reaches R begins anew, the others go on") {
  auto members = members_of(3);
  ringmaster_policy leader{members, 3};
  for (worker_id id : {0, 1, 2})
    leader.joined(id, 0);
  leader.start(0);
  std::vector<worker_id> told;
  leader.take_released(told);
  CHECK(told == std::vector<worker_id>{0, 1, 2});
  told.clear();
  leader.reported(0, {.steps = 1, .commits = 1}, 1);
  leader.reported(1, {.steps = 1, .commits = 1}, 2); // delays: 1, 0, 2
  leader.reported(1, {.steps = 1, .commits = 1}, 2); // repeated
  leader.take_released(told);
  CHECK(told.empty());
  leader.reported(0, {.steps = 2, .commits = 2}, 3); // 0, 1, 3
  leader.take_released(told);
  CHECK(told == std::vector<worker_id>{2});
  CHECK(leader.instruction_of(2).round == 1);
  CHECK(leader.instruction_of(1).round == 0);
  leader.reported(0, {.steps = 3, .commits = 3}, 4); // 0, 2, 1
  told.clear();
  leader.take_released(told);
  CHECK(told.empty());
}

TEST_CASE("Ringmaster: a worker that begins anew fetches and does not commit what it has made") {
  ringmaster_worker x;
  CHECK(x.next(0) == action::wait);
  x.instruct({.revision = 1, .permitted_commits = unlimited}, 0);
  CHECK(x.next(0) == action::step);
  x.stepped(0);
  CHECK(x.next(0) == action::commit);
  x.instruct({.revision = 2, .permitted_commits = unlimited, .round = 1}, 0);
  CHECK(x.next(0) == action::pull);
  x.pulled(0);
  CHECK(x.next(0) == action::step);
  x.stepped(0);
  CHECK(x.next(0) == action::commit);
  // Told while the commit is on its way: the answer brings parameters that are new enough.
  x.instruct({.revision = 3, .permitted_commits = unlimited, .round = 2}, 0);
  x.committed(0, 0);
  CHECK(x.next(0) == action::step);
}

TEST_CASE("DyLU: steps between two commits in proportion to the speed") {
  const auto members = members_of(3);
  free_policy leader{members, 50, step_share::by_speed};
  for (worker_id id : {0, 1, 2})
    leader.joined(id, 0);
  CHECK(leader.instruction_of(0).permitted_commits == 0);
  leader.start(0);
  CHECK(leader.instruction_of(2).local_steps == 50); // not measured yet
  leader.reported(0, {.steps = 50, .commits = 1, .compute = 25}, 25);
  leader.reported(1, {.steps = 50, .commits = 1, .compute = 75}, 75);
  leader.reported(2, {.steps = 50, .commits = 1, .compute = 5000}, 5000);
  CHECK(leader.instruction_of(0).local_steps == 50);
  CHECK(leader.instruction_of(1).local_steps == 16); // 2/3 of 2 steps a second: floor(50 / 3)
  CHECK(leader.instruction_of(2).local_steps == 1);
  CHECK(leader.instruction_of(2).permitted_commits == unlimited);
}

TEST_CASE("local SGD without a barrier: as many steps a commit as asked, by everybody") {
  for (const auto kind : {policy_kind::fedbuff, policy_kind::heloco})
    for (unsigned seed = 0; seed < 20; ++seed) {
      CAPTURE(seed);
      auto knobs = knobs_of(kind);
      knobs.local_steps = 5;
      fake_cluster all{knobs, net_of(seed), seed};
      for (const double step : {1.0, 4.0})
        all.add(step);
      all.start();
      all.run_until(400);
      for (const auto& each : all.workers) {
        CHECK(each.done.commits >= 10);
        CHECK(each.done.steps >= 5 * each.done.commits);
        CHECK(each.done.steps <= 5 * each.done.commits + 5);
      }
    }
}
