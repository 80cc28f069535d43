// Workers' exchanges with plain parameter stores over a fake network: requests and answers at
// random times, late, repeated, out of order or lost. No actor and no clock. All numbers are whole
// and small, so that sums of floats are exact in any order.
#pragma once

#include "actors/server/parameter_store.hpp"
#include "actors/worker/exchange.hpp"
#include "actors/worker/replica.hpp"
#include "tests/fake_network.hpp"

#include <doctest/doctest.h>

#include <map>
#include <memory>
#include <set>
#include <utility>
#include <variant>
#include <vector>

namespace adsp::test {

inline std::vector<float> floats_of(std::span<const float> values) {
  return {values.begin(), values.end()};
}

/// The shards, and what they ought to hold.
class fake_shards {
public:
  explicit fake_shards(std::vector<shard_range> all) : ranges{std::move(all)} {
    for (const auto& range : ranges) {
      const std::vector<float> zeros(range.size, 0.0F);
      stores.emplace_back(static_cast<shard_id>(stores.size()), zeros, sync::commit_rule{1.0});
      states.push_back({{0, zeros}});
    }
    applied.resize(stores.size());
  }

  /// What the shard answers to a push: `fresh` or not_finite.
  std::variant<fresh, failure> answer(const push& asked) {
    auto& store = stores[asked.shard];
    CHECK(asked.generation <= store.generation());
    const auto before = store.version();
    if (store.apply(asked))
      return failure::not_finite;
    if (store.version() != before) { // applied: once an id
      CHECK(applied[asked.shard].insert({asked.id.worker, asked.id.sequence}).second);
      note_state(asked.shard);
    }
    return fresh{asked.shard, store.version(), asked.pull ? store.snapshot() : parameter_block{},
                 store.generation()};
  }

  std::variant<fresh, failure> answer(const pull& asked) {
    auto& store = stores[asked.shard];
    store.enter(asked.round);
    return fresh{asked.shard, store.version(asked.round), store.snapshot(asked.round),
                 store.generation()};
  }

  /// Takes a shard back to its first state.
  void restore(shard_id shard, std::uint32_t generation) {
    if (generation > stores[shard].generation())
      applied[shard].clear();
    stores[shard].restore(generation);
    note_state(shard);
  }

  std::vector<float> values(shard_id shard) const {
    return floats_of(stores[shard].snapshot().values());
  }

  std::vector<shard_range> ranges;
  std::vector<parameter_store> stores;
  /// The parameters of each version, a shard each.
  std::vector<std::map<std::uint64_t, std::vector<float>>> states;
  /// Worker and sequence of what each shard has applied since it was last taken back.
  std::vector<std::set<std::pair<worker_id, std::uint64_t>>> applied;

private:
  void note_state(shard_id shard) { states[shard][stores[shard].version()] = values(shard); }
};

/// One worker: trains, commits, recovers.
struct fake_worker {
  fake_worker(const fake_shards& shards, worker_id id, exchange_rules rules, commit_style how)
      : copy{shards.ranges}, current{copy, rules}, style{how} {
    current.join(id);
  }

  replica copy;
  exchange current;
  commit_style style;
  std::uint64_t steps = 0;
  std::map<std::uint64_t, std::uint32_t> counted; ///< sequences of commits, their generations
  std::set<std::uint64_t> voided;                 ///< sequences of those that do not count
  bool ended = false;
  bool pull_due = false;                    ///< the last commit was bare
  std::vector<std::vector<float>> sent;     ///< updates of the commits, from sequence 1, all shards
  std::vector<float> learnt;                ///< sum of what was trained away and not committed
  std::map<shard_id, encoded_block> pushed; ///< of the commit under way
};

class fake_crew : public fake_network {
public:
  fake_crew(std::uint64_t parameters, std::uint32_t shard_size, weather first, unsigned seed)
      : fake_network{seed, first}, shards{plan_shards(parameters, shard_size)} {}

  fake_worker& add(commit_style style, exchange_rules rules) {
    auto& worker = *workers.emplace_back(std::make_unique<fake_worker>(
        shards, static_cast<worker_id>(workers.size()), rules, style));
    worker.learnt.resize(worker.copy.parameters().size());
    worker.current.begin_pull(0);
    ask_all(worker);
    return worker;
  }

  void train(fake_worker& worker) {
    worker.current.prepare_step();
    auto parameters = worker.copy.parameters();
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      const auto change = static_cast<float>(below(7)) - 3;
      parameters[i] -= change;
      worker.learnt[i] += change;
    }
    ++worker.steps;
  }

  void commit(fake_worker& worker) {
    const auto steps = worker.steps;
    check_bases(worker);
    if (!worker.current.begin_commit(worker.style, steps)) {
      recover(worker);
      return;
    }
    worker.pushed.clear();
    worker.sent.push_back(std::exchange(worker.learnt, std::vector<float>(worker.learnt.size())));
    CHECK(worker.current.steps_committed() == steps);
    ask_all(worker);
  }

  void recover(fake_worker& worker) {
    worker.ended = !worker.current.begin_recovery(0);
    if (!worker.ended)
      ask_all(worker);
  }

  /// Runs until each worker has made so many steps and committed all of them.
  void run(std::uint64_t steps) {
    for (auto& worker : workers)
      loop(*worker, steps);
    fake_network::run();
  }

  fake_shards shards;
  std::vector<std::unique_ptr<fake_worker>> workers;

private:
  static constexpr double timeout = 3;

  /// What the worker's policy would do, about twice a second, until all is done.
  void loop(fake_worker& worker, std::uint64_t steps) {
    if (worker.ended)
      return;
    at(now + uniform(), [this, &worker, steps] { loop_once(worker, steps); });
  }

  void loop_once(fake_worker& worker, std::uint64_t steps) {
    auto& current = worker.current;
    const bool blocked = current.under_way() && !current.overlaps();
    if (!blocked && current.must_recover())
      recover(worker);
    else if (!blocked && worker.pull_due && !current.under_way()) {
      current.begin_pull(0);
      ask_all(worker);
    } else if (!blocked) {
      if (worker.steps < steps)
        train(worker);
      if (!current.under_way() && current.steps_committed() < worker.steps && uniform() < 0.5)
        commit(worker);
    }
    if (current.under_way() || current.must_recover() || worker.pull_due || worker.steps < steps ||
        current.steps_committed() < worker.steps)
      loop(worker, steps);
  }

  /// What is to be committed was learnt from the state that the shard had under the base version.
  void check_bases(fake_worker& worker) {
    if (worker.style == commit_style::bare)
      return;
    for (shard_id shard = 0; shard < shards.stores.size(); ++shard) {
      const auto& range = shards.ranges[shard];
      const auto base = worker.current.push_to(shard).base;
      const auto& state = shards.states[shard].at(base);
      bool same = true;
      for (std::uint32_t i = 0; i < range.size; ++i)
        same &=
            worker.copy.parameters()[range.first + i] == state[i] - worker.learnt[range.first + i];
      CHECK(same);
    }
  }

  void ask_all(fake_worker& worker) {
    for (shard_id shard = 0; shard < worker.current.shard_count(); ++shard)
      ask(worker, shard);
  }

  void ask(fake_worker& worker, shard_id shard) {
    const auto asked = worker.current.ask(shard);
    if (worker.current.commits()) {
      const auto request = worker.current.push_to(shard);
      const auto known = worker.pushed.emplace(shard, request.update);
      CHECK(known.first->second == request.update); // a repeated push says the same
      CHECK(request.id.sequence == worker.sent.size());
      carry(worker, asked, request);
    } else {
      carry(worker, asked, worker.current.pull_from(shard));
    }
    at(now + timeout, [this, &worker, asked] {
      react(worker, asked, worker.current.failed(asked, failure::timed_out));
    });
  }

  template <class Request>
  void carry(fake_worker& worker, const ticket& asked, const Request& request) {
    send([this, &worker, asked, request] {
      send([this, &worker, asked, answer = shards.answer(request)] {
        react(worker, asked,
              std::holds_alternative<fresh>(answer)
                  ? worker.current.answered(asked, std::get<fresh>(answer))
                  : worker.current.failed(asked, std::get<failure>(answer)));
      });
    });
  }

  void react(fake_worker& worker, const ticket& asked, reaction what) {
    switch (what) {
    case reaction::wait:
      return;
    case reaction::ask_again:
      ask(worker, asked.shard);
      return;
    case reaction::complete:
      finish(worker);
      return;
    case reaction::give_up:
      worker.ended = true;
      return;
    }
  }

  void finish(fake_worker& worker) {
    const auto generation = worker.current.generation();
    const bool keeps = worker.current.overlaps();
    const auto how = worker.current.finish();
    CHECK(worker.current.generation() >= generation);
    if (how == outcome::committed)
      CHECK(worker.counted.emplace(worker.sent.size(), generation).second);
    if (how == outcome::voided)
      CHECK(worker.voided.insert(worker.sent.size()).second);
    if (!(keeps && how == outcome::committed))
      worker.learnt.assign(worker.learnt.size(), 0); // of no use for the parameters that came
    worker.pull_due = worker.style == commit_style::bare &&
                      (how == outcome::voided || (how == outcome::committed && uniform() < 0.5));
  }
};

} // namespace adsp::test
