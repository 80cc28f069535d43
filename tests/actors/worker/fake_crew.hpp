// Workers' exchanges with fake shards over a fake network. The crew keeps its own account of what
// reached each exchange, and checks the exchange's invariants against it at every event.
#pragma once

#include "messages/blocks/wire_codec.hpp"
#include "tests/actors/worker/fake_worker.hpp"
#include "tests/fake_network.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

namespace adsp::test {

class fake_crew : public fake_network {
public:
  static constexpr int most_voids = 3; ///< in a row, before a worker gives up

  fake_crew(std::uint64_t parameters, std::uint32_t shard_size, weather first, unsigned seed)
      : fake_network{seed, first}, shards{plan_shards(parameters, shard_size)} {}

  double bad_steps = 0; ///< probability that a step makes a parameter infinite
  double refusals = 0;  ///< probability that a shard refuses its part of a commit

  fake_worker& add(commit_style style, exchange_rules rules, encoding commits = {}) {
    auto& worker = *workers.emplace_back(std::make_unique<fake_worker>(
        shards, static_cast<worker_id>(workers.size()), rules, style, commits));
    pull_all(worker);
    return worker;
  }

  /// The scheduler tells a worker the job's generation.
  void tell(fake_worker& worker, std::uint32_t generation) {
    worker.current.expect(generation);
    worker.told = std::max(worker.told, generation);
    check_state(worker);
  }

  /// Runs until each worker has made `steps` steps and committed all of them, or has ended.
  void run(std::uint64_t steps) {
    for (auto& worker : workers)
      loop(*worker, steps);
    fake_network::run();
  }

  fake_shards shards;
  std::vector<std::unique_ptr<fake_worker>> workers;

private:
  static constexpr double timeout = 3;

  /// Ends the test if the invariant does not hold. A plain `if`: a CHECK at each of some million
  /// events would take most of the time.
  static void hold(bool holds, const char* invariant) {
    if (!holds)
      FAIL(invariant);
  }

  // -- what the worker's policy would do ----------------------------------------------------------

  /// Acts about twice a second, until all is done.
  void loop(fake_worker& worker, std::uint64_t steps) {
    if (!worker.ended)
      at(now + uniform(), [this, &worker, steps] { loop_once(worker, steps); });
  }

  void loop_once(fake_worker& worker, std::uint64_t steps) {
    auto& current = worker.current;
    const bool blocked = current.under_way() && !current.overlaps();
    if (!blocked && current.must_recover())
      recover(worker);
    else if (!blocked && worker.pull_due && !current.under_way())
      pull_all(worker);
    else if (!blocked) {
      if (worker.steps < steps)
        train(worker);
      if (!current.under_way() && current.steps_committed() < worker.steps && uniform() < 0.5)
        commit(worker);
    }
    check_state(worker);
    if (current.under_way() || current.must_recover() || worker.pull_due || worker.steps < steps ||
        current.steps_committed() < worker.steps)
      loop(worker, steps);
  }

  void train(fake_worker& worker) {
    worker.current.prepare_step();
    auto parameters = worker.copy.parameters();
    const auto change_by = [&](std::size_t i, float change) {
      parameters[i] -= change;
      worker.learnt[i] += change;
      worker.walked[i] += change;
    };
    for (std::size_t i = 0; i < parameters.size(); ++i)
      change_by(i, static_cast<float>(below(7)) - 3);
    if (uniform() < bad_steps)
      change_by(below(parameters.size()), -std::numeric_limits<float>::infinity());
    ++worker.steps;
    ++worker.unsent;
  }

  void pull_all(fake_worker& worker) {
    worker.pull_due = false;
    worker.recovering = false;
    worker.round = any_round();
    worker.current.begin_pull(worker.round);
    ask_all(worker);
  }

  void recover(fake_worker& worker) {
    if (std::exchange(worker.update_void, false))
      ++worker.voids_in_a_row;
    worker.recovering = true;
    worker.round = any_round();
    worker.ended = !worker.current.begin_recovery(worker.round);
    hold(worker.ended == (worker.voids_in_a_row > most_voids),
         "a worker gives up after too many void updates in a row, and not before");
    if (!worker.ended)
      ask_all(worker);
  }

  void commit(fake_worker& worker) {
    const bool finite =
        std::ranges::all_of(worker.learnt, [](float each) { return std::isfinite(each); });
    const bool began = worker.current.begin_commit(worker.style, worker.steps);
    hold(began == finite, "a commit begins if and only if its update is finite");
    if (!began) {
      hold(!worker.current.under_way(), "no shard is asked without an update");
      worker.update_void = true;
      return;
    }
    hold(worker.current.steps_committed() == worker.steps, "a commit holds all steps");
    hold(worker.current.push_to(0).steps == std::exchange(worker.unsent, 0),
         "a push says how many steps its update holds");
    worker.recovering = false;
    worker.walked_before = worker.walked;
    note_update(worker);
    ask_all(worker);
  }

  /// What was learnt is in the update or in the residual.
  void note_update(fake_worker& worker) {
    auto& update = worker.sent.emplace_back(worker.learnt.size());
    bool complete = true;
    for (shard_id shard = 0; shard < shards.ranges.size(); ++shard) {
      const auto range = shards.ranges[shard];
      const auto request = worker.current.push_to(shard);
      worker.bytes += request.update.byte_count();
      decode(request.update, std::span{update}.subspan(range.first, range.size));
      const auto residual = worker.copy.residual(shard);
      for (std::uint32_t i = 0; i < range.size; ++i) {
        auto& learnt = worker.learnt[range.first + i];
        learnt -= update[range.first + i];
        complete &= learnt == (residual.empty() ? 0 : residual[i]);
      }
      if (uniform() < refusals)
        shards.refusing[shard].emplace(worker.current.worker(), worker.sent.size());
    }
    hold(complete, "what was learnt is in the update or in the residual");
  }

  /// The last round or the next one, or none.
  std::uint64_t any_round() {
    rounds_ += below(2);
    return below(4) == 0 ? 0 : rounds_;
  }

  // -- requests and answers -----------------------------------------------------------------------

  void ask_all(fake_worker& worker) {
    hold(worker.current.number() == ++worker.exchanges, "exchanges are numbered one by one");
    worker.attempts.clear();
    worker.heard.clear();
    worker.pushed.clear();
    for (shard_id shard = 0; shard < worker.current.shard_count(); ++shard)
      ask(worker, shard);
  }

  void ask(fake_worker& worker, shard_id shard) {
    const auto asked = worker.current.ask(shard);
    hold(asked.attempt == ++worker.attempts[shard], "attempts are numbered one by one");
    hold(asked.attempt <= worker.rules.attempts, "a shard is asked at most `attempts` times");
    if (worker.current.commits()) {
      const auto request = worker.current.push_to(shard);
      const auto known = worker.pushed.emplace(shard, request.update);
      hold(known.first->second == request.update, "a repeated push has the same contents");
      hold(request.id == commit_id{worker.current.worker(), worker.sent.size()},
           "the ids of commits increase by one");
      hold(request.generation == worker.current.generation(), "a push names the generation");
      carry(worker, asked, request);
    } else {
      const auto request = worker.current.pull_from(shard);
      hold(request.round == worker.round, "a pull names the round");
      carry(worker, asked, request);
    }
    at(now + timeout, [this, &worker, asked] { time_out(worker, asked); });
  }

  template <class Request>
  void carry(fake_worker& worker, const ticket& asked, const Request& request) {
    hold(request.shard == asked.shard, "a request names its shard");
    hold(request.fp16 == worker.rules.fp16_pull, "a request names the format");
    send([this, &worker, asked, request] {
      send([this, &worker, asked, answer = shards.answer(request)] {
        arrive(worker, asked, answer);
      });
    });
  }

  static bool awaits(const fake_worker& worker, const ticket& asked) {
    return worker.current.under_way() && asked.exchange == worker.exchanges &&
           !worker.heard.contains(asked.shard);
  }

  void arrive(fake_worker& worker, const ticket& asked, const shard_answer& answer) {
    const bool counts = awaits(worker, asked);
    const auto* block = std::get_if<fresh>(&answer);
    if (counts && block)
      note_answer(worker, *block);
    else if (counts) {
      worker.heard[asked.shard] = std::nullopt;
      worker.update_void = true;
    }
    const auto what = block ? worker.current.answered(asked, *block)
                            : worker.current.failed(asked, std::get<failure>(answer));
    const bool last = counts && worker.heard.size() == shards.stores.size();
    hold(what == (last ? reaction::complete : reaction::wait),
         "the answer of the last shard completes the exchange");
    if (last)
      finish(worker);
    check_state(worker);
  }

  void note_answer(fake_worker& worker, const fresh& answer) {
    worker.heard[answer.shard] = answer;
    worker.bytes += answer.values.byte_count();
    if (worker.current.fetches() && !worker.current.overlaps())
      note_block(worker, answer, true);
  }

  /// A block has become the base, and the local copy if `replaces`.
  void note_block(fake_worker& worker, const fresh& answer, bool replaces) {
    const auto [first, size] = shards.ranges[answer.shard];
    worker.base[answer.shard] = answer.version;
    worker.held[answer.shard] = answer.generation;
    for (auto i = first; i < first + size; ++i)
      worker.walked[i] = replaces ? 0 : worker.walked[i] - worker.walked_before[i];
  }

  void time_out(fake_worker& worker, const ticket& asked) {
    const auto attempts = worker.attempts[asked.shard];
    auto expected = reaction::wait;
    if (awaits(worker, asked) && asked.attempt == attempts)
      expected = attempts < worker.rules.attempts ? reaction::ask_again : reaction::give_up;
    hold(worker.current.failed(asked, failure::timed_out) == expected,
         "a timeout of the last attempt is followed by another one");
    if (expected == reaction::ask_again)
      ask(worker, asked.shard);
    worker.ended |= expected == reaction::give_up;
  }

  // -- the end of an exchange ---------------------------------------------------------------------

  void finish(fake_worker& worker) {
    auto& current = worker.current;
    const auto before = current.generation();
    const bool commits = current.commits();
    const bool overlaps = current.overlaps();
    const bool fetches = current.fetches();
    bool refused = false;
    auto oldest = std::numeric_limits<std::uint32_t>::max();
    for (const auto& [shard, answer] : worker.heard) {
      refused |= !answer;
      oldest = std::min(oldest, answer ? answer->generation : before);
    }
    const bool later = oldest > before; // then every shard was
    const auto how = current.finish();
    if (commits)
      note_commit(worker, how, before, refused || later);
    else
      hold(how == (worker.recovering       ? outcome::recovered
                   : worker.exchanges == 1 ? outcome::first_pull
                                           : outcome::pulled),
           "a pull ends as what it began as");
    hold(current.generation() == (fetches ? oldest : before),
         "the generation is the oldest one of the blocks that came");
    if (overlaps && !refused)
      for (const auto& [shard, answer] : worker.heard)
        note_block(worker, *answer, later);
    worker.told = std::max(worker.told, later ? oldest : 0);
    if (worker.recovering || later || how == outcome::voided) {
      worker.unsent = 0;
      worker.learnt.assign(worker.learnt.size(), 0); // the parameters that it belongs to are gone
    }
  }

  void note_commit(fake_worker& worker, outcome how, std::uint32_t generation, bool is_void) {
    const auto sequence = worker.sent.size();
    hold(how == (is_void ? outcome::voided : outcome::committed),
         "a commit counts unless refused, or all shards were in a later generation");
    if (is_void) {
      hold(worker.voided.insert(sequence).second, "a commit ends once");
    } else {
      hold(worker.counted.emplace(sequence, generation).second, "a commit counts once");
      worker.voids_in_a_row = 0;
    }
    worker.pull_due = worker.style == commit_style::bare && (is_void || uniform() < 0.5);
  }

  // -- what always holds --------------------------------------------------------------------------

  void check_state(fake_worker& worker) {
    const auto& current = worker.current;
    bool same_base = true;
    bool same_values = true;
    bool none_earlier = true;
    bool held_while_needed = true;
    for (shard_id shard = 0; shard < shards.stores.size(); ++shard) {
      const auto [first, size] = shards.ranges[shard];
      const auto request = current.push_to(shard);
      same_base &= request.base == worker.base[shard];
      none_earlier &= worker.held[shard] >= current.generation();
      held_while_needed &= request.update.empty() != current.commits();
      const auto& state = shards.states[shard].at(worker.base[shard]);
      for (std::uint32_t i = 0; i < size; ++i)
        same_values &= worker.copy.parameters()[first + i] == state[i] - worker.walked[first + i];
    }
    hold(same_base, "base versions are those of the blocks that came");
    hold(same_values, "local copy = base - steps since it came");
    hold(none_earlier, "no block is of an earlier generation");
    hold(held_while_needed, "updates are held while their commit is under way, and only then");
    hold(current.bytes() == worker.bytes, "bytes are of updates sent and answers that count");
    hold(current.must_recover() ==
             (!current.under_way() && (worker.update_void || current.generation() < worker.told)),
         "a recovery is due if and only if the parameters are void");
  }

  std::uint64_t rounds_ = 0;
};

} // namespace adsp::test
