// What a commit inside a process costs beside the arithmetic it cannot avoid: 1 M parameters over
// 16 shards through the actors (update, apply, fresh block, refresh), against one plain memcpy and
// one axpy of the same bytes on one thread, and against the commit's own arithmetic on one thread;
// and what damping adds to it.
#include "actors/clock/system_config.hpp"
#include "actors/server/shard.hpp"
#include "actors/worker/exchange.hpp"
#include "actors/worker/replica.hpp"

#include <benchmark/benchmark.h>
#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/scoped_actor.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

namespace {

using namespace adsp;

constexpr std::size_t parameters = 1 << 20;
constexpr std::uint32_t shard_size = parameters / 16;
std::vector<std::string> results; ///< printed when all is measured
constexpr int commits = 20;       ///< of every worker, in one timed stretch

/// The part of a worker that commits: as many commits as asked, one after the other.
struct committer_state {
  std::optional<replica> copy;
  std::optional<exchange> current; ///< of `copy`
  std::vector<shard_actor> shards;
  int left = 0;
  caf::response_promise done;
};

using committer = caf::stateful_actor<committer_state>;

void begin_next(committer* self);

void answered(committer* self, const ticket& asked, const fresh& answer) {
  auto& state = self->state;
  const auto what = state.current->answered(asked, answer);
  if (what == reaction::give_up)
    std::abort();
  if (what != reaction::complete)
    return;
  state.current->finish();
  if (--state.left > 0)
    begin_next(self);
  else
    state.done.deliver(caf::unit);
}

void begin_next(committer* self) {
  auto& current = *self->state.current;
  if (current.number() == 0)
    current.begin_pull(0); // the first blocks
  else if (!current.begin_commit(commit_style::fetching, current.number()))
    std::abort();
  for (shard_id shard = 0; shard < current.shard_count(); ++shard) {
    auto then = [self, asked = current.ask(shard)](const fresh& x) { answered(self, asked, x); };
    const auto& destination = self->state.shards[shard];
    if (current.commits())
      self->request(destination, caf::infinite, current.push_to(shard)).then(then);
    else
      self->request(destination, caf::infinite, current.pull_from(shard)).then(then);
  }
}

caf::behavior committing(committer* self, std::vector<shard_actor> shards, worker_id id) {
  self->state.copy.emplace(plan_shards(parameters, shard_size));
  self->state.current.emplace(*self->state.copy, exchange_rules{});
  self->state.current->join(id);
  self->state.shards = std::move(shards);
  return {[self](int count) {
    self->state.left = count;
    self->state.done = self->make_response_promise();
    begin_next(self);
    return self->state.done;
  }};
}

struct cluster {
  explicit cluster(int workers, bool damped = false) {
    for (shard_id i = 0; i < 16; ++i)
      shards.push_back(
          system.spawn(shard,
                       host{i,
                            copy_of(std::vector<float>(shard_size, 1.0f)),
                            {.kind = damped ? sync::rule_kind::damped : sync::rule_kind::plain,
                             .eta = 1.0 / workers}},
                       std::shared_ptr<adsp::access>{}));
    for (int i = 0; i < workers; ++i)
      committers.push_back(system.spawn(committing, shards, static_cast<worker_id>(i)));
    run(1);       // the first blocks
    run(commits); // warm-up
  }

  ~cluster() {
    for (auto& x : committers)
      self->send_exit(x, caf::exit_reason::user_shutdown);
    for (auto& x : shards)
      self->send_exit(x, caf::exit_reason::user_shutdown);
  }

  void run(int count) {
    std::vector<caf::response_handle<caf::blocking_actor, caf::message, true>> pending;
    for (auto& x : committers)
      pending.push_back(self->request(x, caf::infinite, count));
    for (auto& x : pending)
      x.receive([] {}, [](const caf::error&) { std::abort(); });
  }

  system_config config{drive::real_time};
  caf::actor_system system{config};
  caf::scoped_actor self{system};
  std::vector<shard_actor> shards;
  std::vector<caf::actor> committers;
};

/// The arithmetic alone, for as many workers.
struct plain {
  explicit plain(int workers) : updates(workers, std::vector<float>(parameters, 0.001f)) { run(2); }

  void run(int count) {
    const auto eta = 1.0f / static_cast<float>(updates.size());
    for (int i = 0; i < count; ++i)
      for (const auto& update : updates) {
        std::memcpy(moved.data(), update.data(), parameters * sizeof(float));
        const float* __restrict u = moved.data();
        float* __restrict to = w.data();
        for (std::size_t k = 0; k < parameters; ++k)
          to[k] -= eta * u[k];
        benchmark::DoNotOptimize(to);
        benchmark::ClobberMemory();
      }
  }

  std::vector<std::vector<float>> updates;
  std::vector<float> moved = std::vector<float>(parameters);
  std::vector<float> w = std::vector<float>(parameters, 1.0f);
};

/// The commit's own arithmetic on one thread: the same objects without actors and messages.
struct bare {
  explicit bare(int workers) {
    for (shard_id i = 0; i < 16; ++i)
      stores.emplace_back(i, std::vector<float>(shard_size, 1.0f),
                          sync::commit_rule{.eta = 1.0 / workers});
    for (int i = 0; i < workers; ++i) {
      copies.push_back(std::make_unique<replica>(plan_shards(parameters, shard_size)));
      for (shard_id k = 0; k < 16; ++k)
        copies.back()->refresh(k, stores[k].snapshot());
    }
    run(2);
  }

  void run(int count) {
    for (; count > 0; --count) {
      ++sequence;
      for (worker_id id = 0; id < copies.size(); ++id)
        for (shard_id i = 0; i < 16; ++i) {
          if (stores[i].apply(push{{id, sequence}, i, true, *copies[id]->update(i)}))
            std::abort();
          copies[id]->refresh(i, stores[i].snapshot());
        }
    }
  }

  std::vector<parameter_store> stores;
  std::vector<std::unique_ptr<replica>> copies;
  std::uint64_t sequence = 0;
};

/// Medians over the turns of one benchmark.
struct medians {
  double ratio;   ///< of the actors' time to the other side's
  double seconds; ///< of one commit of one worker
};

/// Runs the actors and `other` in turn.
template <class Other>
medians alternate(benchmark::State& state, int workers, Other& other, bool damped = false) {
  using clock = std::chrono::steady_clock;
  cluster ours{workers, damped};
  std::vector<double> ratios;
  std::vector<double> times;
  for (auto _ : state) {
    const auto begin = clock::now();
    other.run(commits);
    const auto middle = clock::now();
    ours.run(commits);
    const auto end = clock::now();
    const auto taken = std::chrono::duration<double>(end - middle).count();
    ratios.push_back(taken / std::chrono::duration<double>(middle - begin).count());
    times.push_back(taken / (commits * workers));
    state.SetIterationTime(taken);
  }
  const auto median = [](std::vector<double>& x) {
    std::nth_element(x.begin(), x.begin() + x.size() / 2, x.end());
    return x[x.size() / 2];
  };
  return {median(ratios), median(times)};
}

/// Beside memcpy and axpy.
void commit(benchmark::State& state) {
  const auto workers = static_cast<int>(state.range(0));
  plain other{workers};
  const auto [ratio, seconds] = alternate(state, workers, other);
  // Per float: base and local read, update written; update and old read, new written; fresh read,
  // local written.
  constexpr double bytes = 8.0 * sizeof(float) * parameters;
  results.push_back(fmt::format("RESULT commit_ratio_w{} {:.3f} x", workers, ratio));
  results.push_back(fmt::format("RESULT commit_ms_w{} {:.3f} ms", workers, seconds * 1e3));
  results.push_back(fmt::format("RESULT commit_bytes_w{} {:.0f} B", workers, bytes));
}

/// Beside the commit's own arithmetic.
void commit_arithmetic(benchmark::State& state) {
  const auto workers = static_cast<int>(state.range(0));
  bare other{workers};
  const auto ratio = alternate(state, workers, other).ratio;
  results.push_back(fmt::format("RESULT commit_to_arithmetic_w{} {:.3f} x", workers, ratio));
}

/// Damped beside one that is not.
void commit_damped(benchmark::State& state) {
  const auto workers = static_cast<int>(state.range(0));
  cluster other{workers};
  const auto ratio = alternate(state, workers, other, true).ratio;
  results.push_back(fmt::format("RESULT commit_damped_w{} {:.3f} x", workers, ratio));
}

BENCHMARK(commit)->Arg(1)->Arg(8)->Iterations(31)->UseManualTime()->Unit(benchmark::kMillisecond);
BENCHMARK(commit_arithmetic)
    ->Arg(1)
    ->Arg(8)
    ->Iterations(31)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK(commit_damped)
    ->Arg(1)
    ->Arg(8)
    ->Iterations(31)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);

} // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv))
    return 2;
  benchmark::RunSpecifiedBenchmarks();
  for (const auto& line : results)
    std::puts(line.c_str());
}
