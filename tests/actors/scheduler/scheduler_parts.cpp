// The plain objects beside the scheduler: who is waited for, when what is due, what an evaluation
// means, what the rows say.
#include "actors/scheduler/appraisal.hpp"
#include "actors/scheduler/muster.hpp"
#include "actors/scheduler/timetable.hpp"
#include "actors/scheduler/worker_rows.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace adsp;

TEST_CASE("a job begins when all who are expected are ready, and who is refused is not expected") {
  muster x{2, 3, false};
  x.joined();
  CHECK_FALSE(x.may_start(1));
  x.refused();
  CHECK(x.may_start(1));
  x.start();
  CHECK_FALSE(x.may_start(1)); // once
  CHECK_FALSE(x.deserted(0));  // one is to come
  x.refused();
  CHECK_FALSE(x.deserted(1));
  CHECK(x.deserted(0));
}

TEST_CASE("a job whose workers have all left before the start is deserted when nobody is to come") {
  muster x{2, 2, false};
  x.joined();
  x.joined();
  x.left();
  CHECK_FALSE(x.deserted(1));
  x.left();
  x.left(); // never below none
  CHECK(x.deserted(0));
}

TEST_CASE("an open job is never deserted, and expects as many as ever") {
  muster x{2, 0, true};
  x.joined();
  x.refused();
  x.left();
  CHECK_FALSE(x.may_start(1));
  CHECK(x.may_start(2));
  x.start();
  CHECK_FALSE(x.deserted(0));
}

TEST_CASE("a timer is set for the earliest of what is due, and not again for what comes later") {
  timetable x{100, 0, 10};
  x.start();
  CHECK(x.arm(sync::never) == 10);
  CHECK_FALSE(x.arm(20)); // one is set already
  CHECK(x.arm(5) == 5);
  CHECK_FALSE(x.wake(4));
  CHECK(x.wake(5 - 1e-9) == 5); // the clock rounds
  CHECK_FALSE(x.take_rows(5));
  CHECK(x.arm(sync::never) == 10);
  CHECK(x.wake(12) == 12);
  CHECK(x.take_rows(12));
  CHECK_FALSE(x.take_rows(12));
  CHECK(x.arm(sync::never) == 20);
  CHECK_FALSE(x.is_over(99));
  CHECK(x.is_over(100));
}

TEST_CASE("a job without limits is never over, and before its start nothing is due") {
  timetable x{0, 0, 10};
  CHECK_FALSE(x.arm(sync::never));
  CHECK_FALSE(x.take_rows(1e9));
  CHECK_FALSE(x.is_over(1e9));
}

TEST_CASE("what follows from an evaluation depends on whether the job returns to good states") {
  const evaluation good{1, 0.5, 1};
  const evaluation lost{std::nan(""), 0.5, 1};
  appraisal returning{{}, true};
  CHECK(returning.judge(good) == verdict::keep);
  for (std::uint32_t i = 1; i <= 5; ++i) {
    CHECK(returning.judge(lost) == verdict::go_back);
    returning.returned();
    CHECK(returning.generation() == i);
  }
  CHECK(returning.judge(lost) == verdict::diverged); // it has returned in vain
  appraisal plain{{}, false};
  CHECK(plain.judge(good) == verdict::keep);
  CHECK(plain.judge({1.5, 0.5, 1}) == verdict::go_on);
  for (int i = 0; i < 5; ++i)
    CHECK(plain.judge({9, 0.5, 1}) == verdict::go_on); // it may come back by itself
  CHECK(plain.judge(lost) == verdict::diverged);
}

TEST_CASE("evaluations do not overlap, and the last one is remembered") {
  appraisal x{{0.5, 0, 1}};
  CHECK(x.begin());
  CHECK_FALSE(x.begin());
  x.over();
  CHECK(x.begin());
  evaluation_record at;
  at.seconds = 7;
  CHECK(x.note({0.4, 0.9, 1}, at).loss == 0.4);
  CHECK(x.last().seconds == 7);
  CHECK(x.last().accuracy == 0.9);
  CHECK(x.count() == 1);
  CHECK(x.time_to_target() == 0);
  CHECK(x.reaches_target(7, {0.4, 0.9, 1}));
  CHECK_FALSE(x.reaches_target(8, {0.4, 0.9, 1})); // once
  CHECK(x.time_to_target() == 7);
}

TEST_CASE("rows show who is present, and the momentum of what was done since the rows before") {
  sync::membership members;
  for (const auto* name : {"a", "b", "c"})
    members.join(name, 0);
  worker_rows rows;
  CHECK(rows.begin());
  CHECK_FALSE(rows.begin());
  for (sync::worker_id who : {0, 1, 2})
    members.report(who, {.steps = 10, .commits = 10});
  sync::policy_status shown;
  shown.asynchronous = true;
  CHECK(rows.finish(members, 4, shown, 0).size() == 3);
  CHECK(rows.begin());
  members.leave(1, 5);
  members.report(0, {.steps = 20, .commits = 12});
  members.report(2, {.steps = 20, .commits = 12});
  const auto second = rows.finish(members, 8, shown, 0);
  REQUIRE(second.size() == 2);
  CHECK(second[1].worker == 2);
  CHECK(second[1].name == "c");
  CHECK(second[1].progress.steps == 20);
  CHECK(second[0].implicit_momentum == doctest::Approx(1 - 1 / (1 + 0.5 * 10)));
  // A policy with a timer: what it has asked for counts.
  shown.commit_rate = 4;
  CHECK(rows.begin());
  rows.finish(members, 12, shown, 4);
  CHECK(rows.begin());
  members.report(0, {.steps = 24, .commits = 12});
  members.report(2, {.steps = 24, .commits = 12});
  const auto fourth = rows.finish(members, 16, shown, 6);
  CHECK(fourth[0].implicit_momentum == doctest::Approx(1 - 1 / (1 + 0.5 * 4)));
}
