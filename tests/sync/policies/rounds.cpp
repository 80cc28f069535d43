// Rounds by time: how long they last, when a worker commits, and what the scheduler closes.
#include "sync/adsp_options.hpp"
#include "sync/round_pace.hpp"
#include "sync/round_policy.hpp"
#include "sync/round_worker.hpp"
#include "tests/sync/members.hpp"
#include "tests/sync/schedules.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace adsp::sync;
using namespace adsp::sync::test;

namespace {

/// Counts after `commits` commits, of `steps` steps each.
progress counts(std::uint64_t commits, std::uint64_t steps, double step, double exchange) {
  progress x;
  x.commits = commits;
  x.steps = commits * steps;
  x.compute = step * static_cast<double>(x.steps);
  x.exchange = exchange * static_cast<double>(commits);
  return x;
}

instruction order(std::uint64_t revision, double until, double length) {
  instruction x;
  x.revision = revision;
  x.permitted_commits = unlimited;
  x.round_length = length;
  x.until_round = until;
  return x;
}

options rounds() {
  options x;
  x.adsp->step = server_step::round;
  return x;
}

} // namespace

TEST_CASE("a round lasts as long as the step and exchange in the middle of the work ask for") {
  auto members = members_of(3);
  round_pace x;
  CHECK_FALSE(x.known(members));
  x.measure(0, counts(1, 4, 0.5, 2));
  CHECK_FALSE(x.known(members)); // one of three
  x.measure(1, counts(1, 1, 4, 2));
  REQUIRE(x.known(members));
  // Worker 0 makes 2 of 2.25 steps a second.
  CHECK(x.of(members).grace == doctest::Approx(0.5 + 2.0 / 2));
  CHECK(x.of(members).length == doctest::Approx(1.25 * (0.5 + 2) + 0.5));
  members.leave(0, 1);
  x.forget(0);
  REQUIRE(x.known(members)); // one of two
  CHECK(x.of(members).grace == doctest::Approx(4 + 2.0 / 2));
}

TEST_CASE("a pace follows what lasts longer twice, and what lasts shorter at once") {
  const auto members = members_of(1);
  round_pace x;
  auto done = counts(1, 10, 1, 2);
  x.measure(0, done);
  CHECK(x.of(members).grace == doctest::Approx(2));
  done += counts(1, 10, 3, 60);
  x.measure(0, done);
  CHECK(x.of(members).grace == doctest::Approx(2)); // it was asleep, perhaps
  x.measure(0, done);                               // repeated: says nothing
  x.measure(0, counts(1, 10, 9, 9));                // late: likewise
  CHECK(x.of(members).grace == doctest::Approx(2));
  done += counts(1, 10, 4, 70);
  x.measure(0, done);
  CHECK(x.of(members).grace == doctest::Approx(3 + 60.0 / 2));
  done += counts(1, 10, 1, 4);
  x.measure(0, done);
  CHECK(x.of(members).grace == doctest::Approx(1 + 4.0 / 2));
}

TEST_CASE("a worker commits at its first step boundary after a round's moment") {
  round_worker x;
  CHECK(x.next(0) == action::wait); // before training
  x.instruct(order(1, 2, 3), 10);   // due at 12, 15, 18, ...
  CHECK(x.next(10) == action::step);
  x.stepped(11.5);
  CHECK(x.next(11.5) == action::step);
  x.stepped(12.5);
  REQUIRE(x.next(12.5) == action::commit);
  x.committing(12.5);
  CHECK(x.next(12.5) == action::step); // training goes on
  x.stepped(15.5);
  CHECK(x.next(15.5) == action::step); // one commit at a time
  x.committed(15.6, 3);
  CHECK(x.next(15.6) == action::step); // that moment has passed
  x.stepped(18);
  CHECK(x.next(18) == action::commit);
}

TEST_CASE("an instruction sets the next moment, unless one has passed during the present step") {
  round_worker x;
  x.instruct(order(1, 2, 3), 10); // due at 12
  x.stepped(11);
  x.instruct(order(2, 3, 3), 11); // at 14
  CHECK(x.next(13) == action::step);
  x.instruct(order(2, 0, 3), 13); // repeated
  CHECK(x.next(13) == action::step);
  x.instruct(order(3, 2.5, 3), 14.5); // 14 has passed
  CHECK(x.next(14.6) == action::commit);
}

TEST_CASE("a worker without a step has nothing to commit, and a void commit is over") {
  round_worker x;
  x.instruct(order(1, 1, 1), 0);
  CHECK(x.next(5) == action::step);
  x.stepped(5);
  REQUIRE(x.next(5) == action::commit);
  x.committing(5);
  x.voided(5.5);
  CHECK(x.next(7) == action::step);
  x.stepped(7);
  CHECK(x.next(7) == action::commit);
}

TEST_CASE("a worker permitted nothing waits") {
  round_worker x;
  auto none = order(1, 1, 1);
  none.permitted_commits = 0;
  x.instruct(none, 0);
  CHECK(x.next(5) == action::wait);
}

TEST_CASE("rounds of a given length are closed a grace after their moments") {
  round_options knobs;
  knobs.length = 2;
  knobs.grace = 0.5;
  const auto members = members_of(1);
  round_policy x{members, 60, knobs};
  x.joined(0, 0);
  CHECK(x.next_tick() == never);
  CHECK(x.instruction_of(0).permitted_commits == 0);
  x.start(0);
  CHECK(x.next_tick() == doctest::Approx(2.5));
  x.tick(2);
  CHECK(x.rounds_closed() == 0);
  x.tick(2.5);
  CHECK(x.rounds_closed() == 1);
  CHECK(x.next_tick() == doctest::Approx(4.5));
  x.reported(0, counts(1, 1, 1, 1), 3);
  CHECK(x.instruction_of(0).until_round == doctest::Approx(1)); // at 4
  CHECK(x.instruction_of(0).round_length == 2);
  x.reported(0, counts(1, 1, 1, 1), 4.2); // in the grace of the second
  CHECK(x.instruction_of(0).until_round == doctest::Approx(1.8));
  x.tick(9); // late: one round is closed, and the next moment lies ahead
  CHECK(x.rounds_closed() == 2);
  CHECK(x.next_tick() > 9);
  CHECK(x.status(9).commit_rate == 30);
}

TEST_CASE("until anything is measured each round is twice as long as the last") {
  auto members = members_of(2);
  round_policy x{members, 60, {}};
  x.joined(0, 0);
  x.joined(1, 0);
  x.start(0);
  double last = 0;
  double length = 1;
  for (int i = 0; i < 4; ++i, length *= 2) {
    CHECK(x.next_tick() == doctest::Approx(last + length + length / 2));
    last += length;
    x.tick(x.next_tick());
  }
  x.reported(0, counts(1, 10, 0.1, 0.2), x.next_tick());
  x.tick(x.next_tick()); // the pace of the round after it
  const auto before = x.next_tick();
  x.tick(before);
  CHECK(x.next_tick() - before == doctest::Approx(1.25 * 0.3 + 0.1));
}

TEST_CASE("the first measured pace ends a round that was guessed too long") {
  auto members = members_of(3);
  round_policy x{members, 60, {}};
  for (worker_id who : {0U, 1U, 2U})
    x.joined(who, 0);
  x.start(0);
  for (int i = 0; i < 3; ++i)
    x.tick(x.next_tick()); // the fourth lasts 8 s
  std::vector<worker_id> told;
  x.take_released(told);
  const auto guessed = x.next_tick();
  const auto now = guessed - 9;
  x.reported(0, counts(1, 10, 0.1, 0.2), now);
  CHECK(x.next_tick() == guessed); // one of three says little
  x.reported(1, counts(1, 10, 0.1, 0.2), now);
  CHECK(x.next_tick() == doctest::Approx(now + 1.25 * 0.3 + 0.1 + 0.2));
  told.clear();
  x.take_released(told);
  CHECK(told == std::vector<worker_id>{0, 1, 2});
  CHECK(x.instruction_of(2).until_round == doctest::Approx(1.25 * 0.3 + 0.1));
  const auto next = x.next_tick();
  x.reported(2, counts(1, 10, 0.1, 0.2), now + 0.1);
  CHECK(x.next_tick() == next); // once
}

TEST_CASE("rounds by time: nobody waits, all are due at the same moments, and all go on") {
  for (unsigned seed = 0; seed < seeds; ++seed) {
    CAPTURE(seed);
    auto knobs = rounds();
    knobs.rounds->length = 2;
    knobs.rounds->grace = 1;
    fake_cluster x{knobs, net_of(seed), seed};
    add_random_workers(x, 5);
    int waits = 0;
    x.start();
    if (seed % 2 == 1) {
      x.at(50 * x.uniform() + 10, [&] { x.remove(2); });
      x.at(50 * x.uniform() + 10, [&] { x.add(0.2 + x.uniform()); });
    }
    x.run_until(10); // every worker has heard that training started
    x.on_wait = [&](worker_id who) { waits += who < 5 ? 1 : 0; };
    x.run_until(400);
    CHECK(waits == 0);
    CHECK(x.leader->rounds_closed() >= 195);
    for (worker_id who = 0; who < x.workers.size(); ++who) {
      const auto& w = x.workers[who];
      if (w.gone)
        continue;
      // The slowest step, 1.5 times 3.2 s, and the exchange: at worst every fourth round.
      CHECK(w.done.commits >= (who < 5 ? 400 / 8 - 3 : 40));
      CHECK(w.done.commits <= 201);
    }
  }
}

TEST_CASE("rounds by time: the measured pace settles where most work is in its round") {
  for (unsigned seed = 0; seed < seeds; ++seed) {
    CAPTURE(seed);
    fake_cluster x{rounds(), {}, seed};
    const auto step = 0.05 + x.uniform();
    const auto exchange = 4 * x.uniform();
    for (int i = 0; i < 5; ++i)
      x.add(step, 0.1, exchange);
    x.add(20 * step, 0.1, exchange);
    x.start();
    x.run_until(300 * (step + exchange));
    const auto length = 1.25 * (step + exchange) + step;
    CHECK(60 / x.leader->status(x.now).commit_rate == doctest::Approx(length).epsilon(0.1));
    const auto rounds = static_cast<double>(x.leader->rounds_closed());
    for (int i = 0; i < 5; ++i)
      CHECK(static_cast<double>(x.workers[i].done.commits) > 0.9 * rounds - 4);
  }
}

TEST_CASE("workers know how long a commit may be held, also when rounds become longer") {
  auto members = members_of(2);
  round_policy x{members, 60, {}};
  for (worker_id who : {0U, 1U})
    x.joined(who, 0);
  x.start(0);
  std::vector<worker_id> told;
  double known = x.instruction_of(1).held_at_most;
  double now = 0;
  const auto close = [&] {
    now = x.next_tick();
    x.tick(now);
    told.clear();
    x.take_released(told);
    if (!told.empty())
      known = x.instruction_of(1).held_at_most;
    CHECK(1.1 * known >= x.next_tick() - now); // a push that comes right after a step waits longest
  };
  for (int i = 0; i < 12; ++i)
    close(); // nothing is measured: they double
  progress fast;
  progress slow;
  for (int i = 0; i < 6; ++i) {
    fast += counts(1, 10, 5, 1);
    slow += counts(1, 1, 300, 1);
    x.reported(0, fast, now);
    x.reported(1, slow, now);
    close();
  }
  members.leave(0, now); // who is left takes 300 s a step
  x.left(0, now);
  for (int i = 0; i < 3; ++i)
    close();
  CHECK(known > 600);
}

TEST_CASE("a round is never shorter than 5 ms, however short it is set") {
  const auto members = members_of(1);
  round_options knobs;
  knobs.length = 1e-300;
  round_policy x{members, 60, knobs};
  x.joined(0, 0);
  x.start(0);
  for (int i = 0; i < 3; ++i)
    x.tick(x.next_tick());
  CHECK(x.instruction_of(0).round_length == 0.005);
}
