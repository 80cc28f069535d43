// The end of a job over a fake network: answers late, repeated, out of order or lost, and
// participants that die at any time. No actor and no clock.
#pragma once

#include "actors/scheduler/ending.hpp"
#include "tests/fake_network.hpp"

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace adsp::test {

/// What the network does to answers, and how many participants die.
struct rough_weather {
  weather answers;
  double die = 0;   ///< probability that a participant dies, at a random time within `dying`
  double dying = 5; ///< seconds
};

/// Carries out what an `ending` says, and notes what it did.
class fake_end : public fake_network {
public:
  /// Seconds after which a request fails that has not been answered.
  static constexpr double timeout = 30;

  fake_end(std::size_t worker_count, std::size_t shard_count, bool averages, rough_weather rough,
           unsigned seed)
      : fake_network{seed, rough.answers}, machine{shard_count, averages}, workers{worker_count},
        shards{shard_count}, weather_{rough} {
    for (std::size_t i = 0; i < workers; ++i)
      may_die([this, i] { lose_worker(static_cast<sync::worker_id>(i)); });
    for (std::size_t i = 0; i < shards; ++i)
      may_die([this, i] { lose_shard(static_cast<shard_id>(i)); });
    may_die([this] { lose_evaluator(); });
  }

  /// The job ends at `when` unless a loss ends it before; an evaluation of the training, if one is
  /// under way, ends up to `max_delay` later.
  void end_at(double when, end_cause cause, bool evaluating, bool measured) {
    evaluating_ = evaluating;
    measured_ = measured;
    at(when, [this, cause] { begin(cause); });
  }

  void begin(end_cause cause) {
    if (machine.begun())
      return;
    cause_ = cause;
    ending::remains left{{}, evaluating_, measured_};
    for (std::size_t i = 0; i < workers; ++i)
      if (!lost_workers.contains(static_cast<sync::worker_id>(i)))
        left.workers.push_back(static_cast<sync::worker_id>(i));
    machine.begin(std::move(cause), std::move(left));
    if (evaluating_) {
      const auto over = [this] {
        evaluating_ = false;
        machine.training_evaluation_over();
      };
      answer([this] { return !evaluator_lost; }, over, over);
    }
    carry_on();
  }

  void run() {
    fake_network::run([this] {
      if (machine.begun())
        check();
    });
  }

  void lose_worker(sync::worker_id who) {
    lost_workers.insert(who);
    close_question(who);
    machine.worker_done(who);
    carry_on();
  }

  void lose_shard(shard_id shard) {
    lost_shards.insert(shard);
    machine.shard_lost("a shard is lost");
    if (!machine.begun())
      begin({end_reason::failed, "a shard is lost"});
    carry_on();
  }

  void lose_evaluator() {
    evaluator_lost = true;
    evaluating_ = false;
    machine.evaluator_lost("killed");
    if (!machine.begun())
      begin({end_reason::failed, "the evaluator has failed"});
    carry_on();
  }

  ending machine;
  std::size_t workers;
  std::size_t shards;
  std::set<sync::worker_id> lost_workers;
  std::set<shard_id> lost_shards;
  bool evaluator_lost = false;
  std::vector<end_action::kind> done; ///< in the order of time
  std::size_t conclusions = 0;
  double concluded_at = 0;
  std::string broken; ///< the first promise that was not kept

private:
  void may_die(std::function<void()> dies) {
    if (uniform() < weather_.die)
      at(weather_.dying * uniform(), std::move(dies));
  }

  void expect(bool kept, const char* promise) {
    if (!kept && broken.empty())
      broken = promise;
  }

  /// An answer comes in its time if who gives it lives until then, maybe twice; or not at all: then
  /// the request fails after its timeout.
  void answer(const std::function<bool()>& lives, const std::function<void()>& what,
              const std::function<void()>& fails) {
    const auto answered = std::make_shared<bool>(false);
    send([this, answered, lives, what] {
      if (!lives())
        return;
      *answered = true;
      what();
      carry_on();
    });
    at(now + timeout, [this, answered, fails] {
      if (!*answered)
        fails();
      carry_on();
    });
  }

  void carry_on() {
    while (const auto next = machine.next(now))
      carry_out(*next);
  }

  void carry_out(end_action x) {
    using kind = end_action::kind;
    done.push_back(x.what);
    expect(conclusions == 0, "nothing is done after the conclusion");
    switch (x.what) {
    case kind::ask_worker:
      expect(!lost_workers.contains(x.whom), "no lost worker is asked");
      expect(asked_workers_.insert(x.whom).second, "a worker is asked once");
      ++open_questions_;
      expect(open_questions_ <= roll_call::window, "few questions are open at a time");
      answer([this, who = x.whom] { return !lost_workers.contains(who); },
             [this, who = x.whom] { worker_answers(who); },
             [this, who = x.whom] { worker_answers(who); });
      return;
    case kind::restore:
      expect(cause_.diverged, "only a job that diverged returns to an earlier state");
      expect(!fetching_, "the return comes before the parameters are fetched");
      return;
    case kind::evaluate:
      expect(!evaluator_lost, "no lost evaluator is asked");
      expect(!evaluating_, "evaluations do not overlap");
      answer([this] { return !evaluator_lost; },
             [this] { measured_ = machine.evaluated() || measured_; },
             [this] { machine.evaluation_failed("no answer in time"); });
      return;
    case kind::fetch_shard:
      fetching_ = true;
      expect(lost_shards.empty(), "no shard is asked when one is lost");
      answer([this, shard = x.whom] { return !lost_shards.contains(shard); },
             [this, shard = x.whom] { machine.shard_answered(shard, block(shard, 1)); },
             [this, shard = x.whom] {
               if (machine.at() == ending::phase::fetching_shards)
                 shard_silent_ = true;
               machine.shard_lost("shard " + std::to_string(shard) + " does not answer");
             });
      return;
    case kind::fetch_measured:
      fetching_ = true;
      expect(!evaluator_lost, "no lost evaluator is asked");
      answer([this] { return !evaluator_lost; },
             [this] {
               machine.measured_answered(measured_ ? block(evaluator_id, 2) : parameter_block{});
             },
             [this] { machine.measured_answered({}); });
      return;
    case kind::conclude:
      ++conclusions;
      concluded_at = now;
      expect(machine.concluded(), "what is concluded stays so");
      check_result();
      return;
    }
  }

  void worker_answers(sync::worker_id who) {
    close_question(who);
    machine.worker_done(who);
  }

  void close_question(sync::worker_id who) {
    if (asked_workers_.contains(who) && answered_workers_.insert(who).second)
      --open_questions_;
  }

  void check() {
    const bool failed = cause_.reason == end_reason::failed;
    expect(!failed || machine.reason() == end_reason::failed, "a failure stays one");
    expect(!failed || machine.text().starts_with(cause_.text), "the first failure says why");
    expect(conclusions <= 1, "it concludes once");
  }

  void check_result() {
    const auto& got = machine.parameters();
    const bool one_measured = got.size() == 1 && got[0] == block(evaluator_id, 2);
    bool all_shards = got.size() == shards;
    for (std::size_t i = 0; all_shards && i < shards; ++i)
      all_shards = got[i] == block(static_cast<shard_id>(i), 1);
    expect(got.empty() || one_measured || all_shards, "the parameters are of one kind");
    expect(lost_shards.empty() || got.empty() || one_measured, "a lost shard yields no mix");
    expect(lost_shards.empty() || machine.reason() == end_reason::failed,
           "a lost shard is a failure");
    expect(!got.empty() || !lost_shards.empty() || shard_silent_, "whole parameters are fetched");
  }

  static constexpr shard_id evaluator_id = 1000;

  /// One block of `who`; its second number tells the kinds apart.
  static parameter_block block(shard_id who, float kind) {
    return copy_of(std::vector{static_cast<float>(who), kind});
  }

  rough_weather weather_;
  end_cause cause_;
  bool evaluating_ = false; ///< an evaluation of the training is under way
  bool measured_ = false;
  bool fetching_ = false;
  bool shard_silent_ = false; ///< one was asked, lived and did not answer in time
  std::set<sync::worker_id> asked_workers_;
  std::set<sync::worker_id> answered_workers_;
  std::size_t open_questions_ = 0;
};

} // namespace adsp::test
