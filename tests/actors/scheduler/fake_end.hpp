// The end of a job over a fake network: answers late, repeated, out of order or lost, and
// participants that die at any time. No actor and no clock. It compares every action and the result
// with what `end_history` says.
#pragma once

#include "actors/scheduler/ending.hpp"
#include "tests/actors/scheduler/end_history.hpp"
#include "tests/fake_network.hpp"

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
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
        shards{shard_count}, weather_{rough}, history_{averages} {
    for (std::size_t i = 0; i < workers; ++i)
      may_die([this, i] { lose_worker(static_cast<sync::worker_id>(i)); });
    for (std::size_t i = 0; i < shards; ++i)
      may_die([this, i] { lose_shard(static_cast<shard_id>(i)); });
    may_die([this] { lose_evaluator(); });
  }

  /// The job ends at `when` unless a loss ends it before; an evaluation of the training, if one is
  /// under way, ends up to `max_delay` later.
  void end_at(double when, const end_cause& cause, bool evaluating, bool measured) {
    evaluating_ = evaluating;
    history_.measured = measured;
    if (measured)
      held_ = 0;
    at(when, [this, cause] { begin(cause); });
  }

  void begin(end_cause cause) {
    if (machine.begun())
      return;
    history_.begin(cause);
    ending::remains left{{}, evaluating_, history_.measured};
    for (std::size_t i = 0; i < workers; ++i)
      if (!lost_workers.contains(static_cast<sync::worker_id>(i)))
        left.workers.push_back(static_cast<sync::worker_id>(i));
    present_ = left.workers;
    machine.begin(std::move(cause), std::move(left));
    if (evaluating_)
      answer([this] { return evaluator_lives(); }, [this] { training_evaluated(); },
             [this] {
               evaluating_ = false;
               machine.training_evaluation_failed();
             });
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
    shard_fails("a shard is lost");
    if (!machine.begun())
      begin({end_reason::failed, "a shard is lost"});
    carry_on();
  }

  void lose_evaluator() {
    history_.evaluator_lost = true;
    evaluating_ = false;
    if (machine.begun() && history_.is_evaluated() && !history_.fetching && !history_.shard_failed)
      history_.fail("the final evaluation has failed: killed");
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

  // -- what the machine asks for -----------------------------------------------------------------

  void carry_out(end_action x) {
    using kind = end_action::kind;
    done.push_back(x.what);
    expect(conclusions == 0, "nothing is done after the conclusion");
    if (x.what != kind::ask_worker)
      expect(workers_over(), "every worker answers, fails to or is lost before anything else");
    switch (x.what) {
    case kind::ask_worker:
      ask_worker(x.whom);
      return;
    case kind::restore:
      expect(history_.cause.diverged, "only a job that diverged returns to an earlier state");
      expect(!history_.fetching && !history_.restored, "it returns once, before the fetch");
      history_.restored = true;
      return;
    case kind::evaluate:
      evaluate();
      return;
    case kind::fetch_shard:
      fetch_shard(x.whom);
      return;
    case kind::fetch_measured:
      fetch_measured();
      return;
    case kind::conclude:
      conclude();
      return;
    }
  }

  void ask_worker(sync::worker_id who) {
    expect(!lost_workers.contains(who), "no lost worker is asked");
    expect(asked_workers_.insert(who).second, "a worker is asked once");
    ++open_questions_;
    expect(open_questions_ <= roll_call::window, "few questions are open at a time");
    const auto over = [this, who] {
      close_question(who);
      machine.worker_done(who);
    };
    answer([this, who] { return !lost_workers.contains(who); }, over, over);
  }

  void evaluate() {
    expect(evaluator_lives(), "no lost evaluator is asked");
    expect(!evaluating_, "evaluations do not overlap");
    expect(history_.is_evaluated() && !history_.shard_failed, "only a whole job is evaluated");
    expect(history_.restored == history_.cause.diverged, "the return comes before the evaluation");
    answer([this] { return evaluator_lives(); },
           [this] {
             measures(2);
             machine.evaluated();
           },
           [this] {
             if (!history_.fetching) {
               history_.evaluation_failed = true;
               history_.fail("the final evaluation has failed: no answer in time");
             }
             machine.evaluation_failed("no answer in time");
           });
  }

  void fetch_shard(shard_id shard) {
    history_.fetching = true;
    expect(!history_.shard_failed, "no shard is asked when one is lost");
    expect(history_.restored == history_.cause.diverged, "the return comes before the fetch");
    expect(!history_.wants_measured() || !history_.evaluator_can_answer(),
           "the shards do not replace what the evaluator can hand over");
    answer([this, shard] { return !lost_shards.contains(shard); },
           [this, shard] { machine.shard_answered(shard, block_of_shard(shard)); },
           [this, shard] { shard_fails("shard " + std::to_string(shard) + " does not answer"); });
  }

  void fetch_measured() {
    history_.fetching = true;
    expect(evaluator_lives(), "no lost evaluator is asked");
    expect(history_.wants_measured(), "the evaluator does not replace the shards");
    history_.evaluator_failed = false;
    const auto hand_over = [this](const parameter_block& block) {
      if (block.empty())
        history_.evaluator_failed = true;
      else
        history_.handed_over = block;
      machine.measured_answered(block);
    };
    answer(
        [this] { return evaluator_lives(); },
        [this, hand_over] { hand_over(held_ ? block_of_evaluation(*held_) : parameter_block{}); },
        [hand_over] { hand_over({}); });
  }

  void conclude() {
    ++conclusions;
    concluded_at = now;
    history_.concluded = true;
    expect(machine.concluded(), "what is concluded stays so");
    expect(!history_.wants_measured() || history_.handed_over || !history_.evaluator_can_answer(),
           "the evaluator is asked for what it can hand over");
    expect(machine.parameters() == history_.parameters(shards), "the right parameters are saved");
    expect(history_.is_reason(machine.reason()), "the reason is a failure if there was one");
    expect(history_.is_text(machine.text()), "the text says why, and where the model is from");
  }

  // -- what happens to it -------------------------------------------------------------------------

  void training_evaluated() {
    evaluating_ = false;
    measures(1);
    machine.training_evaluated();
  }

  void measures(std::uint32_t number) {
    held_ = std::max(held_.value_or(0), number); // what comes twice is not measured twice
    history_.measured = history_.measured || !history_.fetching;
  }

  void shard_fails(const std::string& why) {
    if (machine.begun())
      history_.fail(why);
    history_.shard_failed = history_.shard_failed || conclusions == 0;
    machine.shard_lost(why);
  }

  void close_question(sync::worker_id who) {
    if (asked_workers_.contains(who) && answered_workers_.insert(who).second)
      --open_questions_;
  }

  // -- promises of every moment -------------------------------------------------------------------

  bool evaluator_lives() const { return !history_.evaluator_lost; }

  /// Every worker that was present has answered, has failed to or is lost.
  bool workers_over() const {
    return std::ranges::all_of(present_, [this](sync::worker_id who) {
      return lost_workers.contains(who) || answered_workers_.contains(who);
    });
  }

  void check() {
    const auto& cause = history_.cause;
    const bool failed = cause.reason == end_reason::failed;
    expect(!failed || machine.reason() == end_reason::failed, "a failure stays one");
    expect(!failed || machine.text().starts_with(cause.text), "the first failure says why");
    expect(conclusions <= 1, "it concludes once");
  }

  rough_weather weather_;
  end_history history_;
  std::vector<sync::worker_id> present_; ///< when the end began
  bool evaluating_ = false;              ///< an evaluation of the training is under way
  std::optional<std::uint32_t> held_; ///< by the evaluator: of its evaluation before the end (0),
                                      ///< under way when it began (1) or at the end (2)
  std::set<sync::worker_id> asked_workers_;
  std::set<sync::worker_id> answered_workers_;
  std::size_t open_questions_ = 0;
};

} // namespace adsp::test
