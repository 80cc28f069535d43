// The rules of gates, workers and policies one by one.
#include "sync/adacomm_policy.hpp"
#include "sync/commit_gate.hpp"
#include "sync/implicit_momentum.hpp"
#include "sync/policies.hpp"
#include "sync/stepped_worker.hpp"
#include "sync/timed_worker.hpp"
#include "tests/sync/members.hpp"

#include <doctest/doctest.h>

using namespace adsp::sync;
using test::members_of;

TEST_CASE("names of policies go both ways") {
  for (const auto& policy : policies()) {
    CHECK(policy_from(policy.name) == policy.kind);
    CHECK(to_string(policy.kind) == policy.name);
    CHECK(&info_of(policy.kind) == &policy);
  }
  CHECK_FALSE(policy_from("bsb"));
}

TEST_CASE("the gate lets a worker be s ahead and releases whom it stopped, once") {
  const auto members = members_of(2);
  commit_gate gate{members, 1};
  gate.join(0);
  gate.join(1);
  CHECK(gate.permitted(0) == 0);
  gate.start();
  std::vector<worker_id> released;
  gate.take_released(released);
  CHECK(released == std::vector<worker_id>{0, 1});
  released.clear();
  CHECK(gate.permitted(0) == 2);
  gate.advance(0, 1);
  gate.advance(0, 2);
  gate.take_released(released);
  CHECK(released.empty());
  CHECK(gate.advance(1, 1));
  CHECK_FALSE(gate.advance(1, 1));
  CHECK_FALSE(gate.advance(1, 0)); // an old report
  gate.take_released(released);
  CHECK(released == std::vector<worker_id>{0});
  CHECK(gate.permitted(0) == 3);
  CHECK_FALSE(gate.advance(9, 5)); // a stranger
  CHECK(gate.permitted(9) == 0);
}

TEST_CASE("a worker released twice is named once") {
  const auto members = members_of(2);
  commit_gate gate{members, 0};
  gate.join(0);
  gate.join(1);
  gate.start();
  gate.advance(0, 1);
  gate.advance(1, 1);
  std::vector<worker_id> released;
  gate.take_released(released);
  CHECK(released == std::vector<worker_id>{0, 1});
}

TEST_CASE("nobody's instruction changes nothing") {
  for (const auto& policy : policies()) {
    options knobs;
    knobs.policy = policy.kind;
    auto members = members_of(1);
    const auto leader = make_scheduler_policy(knobs, members);
    leader->joined(0, 0);
    leader->start(0);
    members.leave(0, 1);
    leader->left(0, 1);
    CHECK(leader->instruction_of(0) == instruction{});
    CHECK(leader->instruction_of(7) == instruction{});
  }
}

TEST_CASE("a joiner starts at the slowest worker's count") {
  const auto members = members_of(2);
  commit_gate gate{members, 0};
  gate.join(0);
  gate.start();
  gate.advance(0, 7);
  gate.join(1);
  CHECK(gate.permitted(0) == 8);
  CHECK(gate.permitted(1) == 1);
  gate.advance(0, 8);
  CHECK(gate.advance(1, 1));
  CHECK(gate.permitted(0) == 9);
}

TEST_CASE("ADACOMM's tau follows the loss, and halves where that does not lower it") {
  CHECK(next_local_steps(40, 40, 4.0, 1.0) == 20);
  CHECK(next_local_steps(20, 40, 4.0, 1.0) == 10);
  CHECK(next_local_steps(40, 40, 1.0, 9.0) == 20);
  CHECK(next_local_steps(5, 40, 1.0, 1.0) == 3);
  CHECK(next_local_steps(1, 40, 1.0, 1.0) == 1);
  CHECK(next_local_steps(9, 40, 1.0, 0.04) == 8);
}

TEST_CASE("ADACOMM's F_start is the whole first round, however many intervals end in it") {
  auto members = members_of(2);
  adacomm_policy policy{members, 16, 10};
  policy.joined(0, 0);
  policy.joined(1, 0);
  policy.start(0);
  policy.reported(0, {.steps = 16, .commits = 1, .loss_sum = 16 * 6.0}, 5);
  policy.tick(10);
  policy.tick(20);
  CHECK(policy.status(0).local_steps == 16);
  bool left = false;
  SUBCASE("the other one commits") {
    policy.reported(1, {.steps = 16, .commits = 1, .loss_sum = 16 * 2.0}, 25);
  }
  SUBCASE("the other one says how far it was, and leaves") {
    policy.reported(1, {.steps = 16, .commits = 0, .loss_sum = 16 * 2.0}, 25);
    members.leave(1, 26);
    policy.left(1, 26);
    left = true;
  }
  // F_start = 4, the mean of both. F_now is the same at first: half of tau; then it falls to 0.04.
  const auto round = [&](std::uint64_t number) {
    const auto steps = 16 * number;
    const auto more = 0.04 * static_cast<double>(steps - 16);
    policy.reported(0, {.steps = steps, .commits = number, .loss_sum = 96 + more}, 35);
    if (!left)
      policy.reported(1, {.steps = steps, .commits = number, .loss_sum = 32 + more}, 35);
  };
  policy.tick(30);
  round(2);
  CHECK(policy.status(0).local_steps == 8);
  policy.tick(40);
  round(3);
  CHECK(policy.status(0).local_steps == 2); // ceil(sqrt(0.01) 16)
}

TEST_CASE("an older instruction than the last seen is ignored") {
  stepped_worker w{refresh::with_commit};
  w.instruct({5, unlimited, 1, 1}, 0);
  w.instruct({4, 0, 1, 1}, 0);
  CHECK(w.next(0) == action::step);
  timed_worker t{10};
  t.instruct({5, unlimited, 1, 2}, 0);
  t.instruct({4, 0, 1, 1}, 0);
  CHECK(t.next(0) == action::step);
  CHECK(t.interval() == 5);
}

TEST_CASE("a barrier worker commits, waits, pulls, steps") {
  stepped_worker w{refresh::after_release};
  w.instruct({1, 1, 2, 1}, 0);
  CHECK(w.next(0) == action::step);
  w.stepped(1);
  CHECK(w.next(1) == action::step);
  w.stepped(2);
  CHECK(w.next(2) == action::commit);
  CHECK_FALSE(w.pulls_with_commit());
  w.committed(2, 0);
  CHECK(w.next(2) == action::wait);
  w.instruct({2, 2, 2, 1}, 3);
  CHECK(w.next(3) == action::pull);
  w.pulled(3);
  CHECK(w.next(3) == action::step);
}

TEST_CASE("a worker that nobody stops still pulls when its copy is too old") {
  stepped_worker w{refresh::when_stale};
  w.instruct({1, 3, 1, 1}, 0); // s = 2, the slowest at 0
  for (std::uint64_t commits = 1; commits <= 3; ++commits) {
    REQUIRE(w.next(0) == action::step);
    w.stepped(0);
    REQUIRE(w.next(0) == action::commit);
    w.committed(0, 0);
    w.instruct({1 + commits, 3 + commits, 1, 1}, 0); // the others keep pace
  }
  CHECK(w.next(0) == action::pull);
  w.instruct({9, 9, 1, 1}, 0); // not what the pull under way brings
  w.pulled(0);
  for (int i = 0; i < 2; ++i) { // up to the permission under which it pulled, 5
    CHECK(w.next(0) == action::step);
    w.stepped(0);
    w.committed(0, 0);
  }
  CHECK(w.next(0) == action::pull);
}

TEST_CASE("ADSP's timer is Gamma / dC_i - O_i from the last fresh parameters") {
  timed_worker w{12};
  CHECK(w.next(0) == action::wait);
  w.instruct({1, unlimited, 1, 3}, 0);
  CHECK(w.interval() == 4);
  w.stepped(3.9);
  CHECK(w.next(3.9) == action::step);
  w.stepped(4.1);
  CHECK(w.next(4.1) == action::commit);
  w.committed(5.1, 1.0);
  CHECK(w.interval() == 3);
  CHECK(w.next(8.2) == action::step); // never an empty commit
  w.stepped(8.2);
  CHECK(w.next(8.0) == action::step);
  CHECK(w.next(8.2) == action::commit);
  w.committed(8.2, 3.0); // O_i smoothed: (1 + 3) / 2
  CHECK(w.interval() == 2);
  w.instruct({2, unlimited, 1, 100}, 9);
  CHECK(w.interval() == 0); // the exchange takes longer than there is between two commits
}

TEST_CASE("implicit momentum: one step a commit is asynchronous SGD's 1 - 1/M") {
  implicit_momentum same;
  for (int i = 0; i < 4; ++i)
    same.add(60, 60);
  CHECK(same.value() == doctest::Approx(0.75));
  implicit_momentum rare;
  implicit_momentum frequent;
  for (int i = 0; i < 4; ++i) {
    rare.add(60, 1);
    frequent.add(60, 10);
  }
  CHECK(rare.value() > frequent.value());
  CHECK(implicit_momentum{}.value() == 0);
  implicit_momentum alone;
  alone.add(60, 1);
  CHECK(alone.value() == 0);
}

TEST_CASE("a commit that did not count does not use up a permission") {
  for (bool overlap : {false, true}) {
    timed_worker worker{10, overlap};
    worker.instruct({1, 1, 1, 10}, 0);
    worker.stepped(1);
    REQUIRE(worker.next(2) == action::commit);
    if (overlap)
      worker.committing(2);
    worker.voided(3);
    CHECK(worker.next(3) == action::step);
    worker.stepped(4);
    CHECK(worker.next(5) == action::commit);
  }
}

TEST_CASE("a membership's sums agree with its members, whoever joins, reports and leaves") {
  membership x;
  CHECK(x.join("a", 1) == 0);
  CHECK(x.join("b", 2) == 1);
  CHECK(x.has("a"));
  CHECK(x.present_count() == 2);
  CHECK(x.ready_count() == 0);
  CHECK(x.make_ready(1));
  CHECK_FALSE(x.make_ready(1));
  CHECK_FALSE(x.make_ready(7));
  x.report(0, {.steps = 3, .commits = 1});
  x.report(1, {.steps = 5, .commits = 2});
  x.report(0, {.steps = 2, .commits = 1}); // late
  CHECK(x.total().steps == 8);
  CHECK(x[0].done.steps == 3);
  CHECK(x.leave(1, 9));
  CHECK_FALSE(x.leave(1, 10));
  CHECK_FALSE(x.leave(7, 10));
  CHECK(x[1].left_at == 9);
  CHECK_FALSE(x.has("b"));
  CHECK_FALSE(x.present(1));
  CHECK(x.ready_count() == 0);
  CHECK(x.join("b", 11) == 2); // another member
  CHECK(x.ids_present() == std::vector<worker_id>{0, 2});
  CHECK(x.all().size() == 3);
  CHECK(x.total().steps == 8);
}

TEST_CASE("who has left a gate twice is counted once") {
  auto members = members_of(2);
  commit_gate gate{members, 0};
  gate.join(0);
  gate.join(1);
  gate.start();
  gate.advance(0, 1);
  members.leave(1, 5);
  CHECK(gate.leave(1));
  CHECK_FALSE(gate.leave(1));
  CHECK_FALSE(gate.leave(9));
  CHECK(gate.permitted(0) == 2);
}
