// Workers and shards that move once a round, over a fake network: pushes, answers, reports,
// instructions and orders to close are late, repeated, out of order or lost; workers come, leave,
// die and sleep. The crew keeps its own account of what each round ought to do.
#pragma once

#include "actors/plan/defaults.hpp"
#include "actors/worker/exchange.hpp"
#include "actors/worker/replica.hpp"
#include "sync/round_policy.hpp"
#include "sync/round_worker.hpp"
#include "tests/actors/server/accounted_shard.hpp"
#include "tests/fake_network.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace adsp::test {

class round_crew : public fake_network {
public:
  struct worker {
    worker(const std::vector<shard_range>& ranges, int attempts)
        : copy{ranges}, current{copy, {.attempts = attempts, .recovers = true}} {}

    replica copy;
    exchange current;
    sync::round_worker policy;
    double step_seconds = 1;
    sync::progress done;
    double commit_began = 0;
    bool ready = false;
    bool gone = false;
    double asleep_until = 0;
    int waits = 0; ///< since its first step
  };

  round_crew(weather first, unsigned seed, const sync::round_options& knobs, double step_weight)
      : fake_network{seed, first}, ranges_{plan_shards(5, 2)}, leader{members, 60, knobs} {
    const sync::commit_rule rule{.kind = sync::rule_kind::scheduled_nesterov,
                                 .eta = 0.5,
                                 .momentum = 0.8,
                                 .step_weight = step_weight,
                                 .count = 5};
    for (const auto& range : ranges_)
      shards.emplace_back(static_cast<shard_id>(shards.size()), range.size, rule);
  }

  worker& add(double step_seconds) {
    const auto id = static_cast<worker_id>(workers.size());
    auto& x = *workers.emplace_back(
        std::make_unique<worker>(ranges_, outside.lose > 0 ? 1'000'000 : defaults::shard_attempts));
    x.step_seconds = step_seconds;
    x.current.join(id);
    members.join("w" + std::to_string(id), now);
    leader.joined(id, now);
    x.current.begin_pull(0);
    ask_all(id);
    return x;
  }

  void start() {
    leader.start(now);
    tell_released();
    tick_when_due();
  }

  /// The worker is gone without a word; the scheduler hears of it some time later.
  void kill(worker_id who) {
    workers[who]->gone = true;
    at(now + 10 * uniform(), [this, who] {
      members.leave(who, now);
      leader.left(who, now);
    });
  }

  sync::membership members;
  std::vector<accounted_shard> shards;
  std::vector<std::unique_ptr<worker>> workers;

private:
  static constexpr double timeout = defaults::shard_timeout.count();

  // -- the scheduler ------------------------------------------------------------------------------

  void tick_when_due() {
    at(leader.next_tick(), [this] {
      const auto before = leader.rounds_closed();
      leader.tick(now);
      if (leader.rounds_closed() != before)
        for (auto& each : shards)
          send([this, &each, round = leader.rounds_closed()] { close(each, round); });
      tell_released();
      tick_when_due();
    });
  }

  void tell_released() {
    std::vector<worker_id> released;
    leader.take_released(released);
    for (const auto who : released)
      tell(who);
  }

  void tell(worker_id who) {
    send([this, who, order = leader.instruction_of(who)] {
      when_awake(who, [this, who, order] {
        auto& x = *workers[who];
        x.policy.instruct(order, now);
        if (x.ready && x.done.steps == 0)
          begin_training(who);
      });
    });
  }

  void report(worker_id who) {
    send([this, who, counts = workers[who]->done] {
      if (!members.present(who))
        return;
      members.report(who, counts);
      leader.reported(who, counts, now);
      tell(who);
    });
  }

  // -- a worker -----------------------------------------------------------------------------------

  /// A sleeping worker does when it wakes what it would have done.
  void when_awake(worker_id who, const std::function<void()>& what) {
    auto& x = *workers[who];
    if (x.gone)
      return;
    if (x.asleep_until > now)
      at(x.asleep_until, [this, who, what] { when_awake(who, what); });
    else
      what();
  }

  void begin_training(worker_id who) {
    if (!std::exchange(workers[who]->ready, false))
      return;
    step(who);
  }

  void step(worker_id who) {
    auto& x = *workers[who];
    const auto what = x.policy.next(now);
    if (what == sync::action::wait) {
      ++x.waits;
      x.ready = true; // goes on with the next instruction
      if (x.done.steps == 0)
        report(who);
      at(now + 5, [this, who] { when_awake(who, [this, who] { report_again(who); }); });
      return;
    }
    if (what == sync::action::commit) {
      if (!x.current.begin_commit(commit_style::overlapped, x.done.steps))
        FAIL("an update is not finite");
      x.policy.committing(now);
      x.commit_began = now;
      ask_all(who);
    }
    x.current.prepare_step();
    const auto took = x.step_seconds * (0.5 + uniform());
    at(now + took, [this, who, took] {
      when_awake(who, [this, who, took] {
        auto& mine = *workers[who];
        for (auto& each : mine.copy.parameters())
          each -= 0.02F * each + static_cast<float>(uniform()) - 0.5F;
        ++mine.done.steps;
        mine.done.compute += took;
        mine.policy.stepped(now);
        step(who);
      });
    });
  }

  /// The instruction may have been lost.
  void report_again(worker_id who) {
    if (!workers[who]->ready)
      return;
    report(who);
    at(now + 5, [this, who] { when_awake(who, [this, who] { report_again(who); }); });
  }

  void ask_all(worker_id who) {
    for (shard_id number = 0; number < shards.size(); ++number)
      ask(who, number);
  }

  void ask(worker_id who, shard_id number) {
    auto& x = *workers[who];
    const auto asked = x.current.ask(number);
    if (x.current.commits())
      send([this, who, asked, what = x.current.push_to(number)] { take(who, asked, what); });
    else
      send([this, who, asked] { answer(who, asked, 0); });
    at(now + timeout + x.policy.held_at_most(), [this, who, asked] {
      when_awake(who, [this, who, asked] {
        const auto what = workers[who]->current.failed(asked, failure::timed_out);
        if (what == reaction::ask_again)
          ask(who, asked.shard);
        if (what == reaction::give_up)
          FAIL("a worker gives up a shard that answers");
      });
    });
  }

  void answered(worker_id who, const ticket& asked, const fresh& what) {
    auto& x = *workers[who];
    if (x.current.answered(asked, what) != reaction::complete)
      return;
    const auto held = x.current.held();
    if (x.current.finish() == outcome::committed) {
      const auto took = now - x.commit_began - held;
      ++x.done.commits;
      x.done.exchange += took;
      x.policy.committed(now, took);
      for (const auto& each : shards) // a commit that counts has moved every shard
        if (!each.in.contains({who, x.done.commits}))
          FAIL("a commit counts that a shard has not applied");
    } else {
      x.ready = true;
      begin_training(who);
    }
    report(who);
  }

  // -- a shard ------------------------------------------------------------------------------------

  void take(worker_id who, const ticket& asked, const push& what) {
    auto& x = shards[asked.shard];
    if (x.store.apply(what))
      FAIL("a commit is refused");
    x.account(what);
    if (x.store.holds_commit_of(who)) {
      x.since.emplace(who, now);
      x.asked.emplace_back(who, asked);
    } else {
      answer(who, asked, x.waited[who]);
    }
  }

  void answer(worker_id who, const ticket& asked, double held) {
    auto& store = shards[asked.shard].store;
    fresh what{asked.shard, store.version(), store.snapshot(), store.generation(), held};
    send([this, who, asked, what] { when_awake(who, [=, this] { answered(who, asked, what); }); });
  }

  void close(accounted_shard& x, std::uint64_t round) {
    x.store.close(round);
    if (round <= x.closed)
      return;
    x.closed = round;
    x.check_step();
    for (const auto& [who, arrived] : std::exchange(x.since, {}))
      x.waited[who] = now - arrived;
    for (const auto& [who, asked] : std::exchange(x.asked, {}))
      answer(who, asked, x.waited[who]);
  }

  std::vector<shard_range> ranges_;

public:
  sync::round_policy leader;
};

} // namespace adsp::test
