// A policy's two sides over a fake network: events at random times, messages late, repeated, out of
// order or lost. No actor and no clock.
#pragma once

#include "sync/policy.hpp"
#include "tests/fake_network.hpp"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace adsp::sync::test {

using adsp::test::weather;

struct fake_worker {
  std::unique_ptr<worker_policy> policy;
  double step_seconds = 1;
  double jitter = 0; ///< a step takes step_seconds * (1 +- jitter)
  double exchange_seconds = 0;
  progress done;
  bool busy = false; ///< a step or exchange is under way
  bool gone = false;
  bool reporting_again = false;    ///< a repeated report is planned
  std::vector<std::uint64_t> seen; ///< every worker's commits contained in its parameters
};

class fake_cluster : public adsp::test::fake_network {
public:
  fake_cluster(const options& x, weather first, unsigned seed)
      : fake_network{seed, first}, options_{x}, leader{make_scheduler_policy(x, members)} {}

  worker_id add(double step_seconds, double jitter = 0, double exchange_seconds = 0) {
    const auto id = static_cast<worker_id>(workers.size());
    auto& x = workers.emplace_back();
    x.policy = make_worker_policy(options_);
    x.step_seconds = step_seconds;
    x.jitter = jitter;
    x.exchange_seconds = exchange_seconds;
    members.join("w" + std::to_string(id), now);
    leader->joined(id, now);
    decide(id); // waits for the first permission
    if (started_) {
      tell(id);
      send_released();
    }
    return id;
  }

  void start() {
    started_ = true;
    leader->start(now);
    send_released();
    arm();
  }

  void remove(worker_id id) {
    workers[id].gone = true;
    members.leave(id, now);
    leader->left(id, now);
    send_released();
  }

  void evaluated(double loss) {
    leader->evaluated(now, loss, now);
    send_released();
    arm();
  }

  void run_until(double end) { fake_network::run_until(end, observe); }

  std::vector<fake_worker> workers;

private:
  options options_;

public:
  membership members;
  std::unique_ptr<scheduler_policy> leader;
  std::function<void()> observe;          ///< after every event
  std::function<double()> step_loss;      ///< the minibatch loss of a step that ends now
  std::function<void(worker_id)> on_wait; ///< a worker was told to wait
  std::function<void(worker_id)> on_step; ///< a worker begins a step

private:
  void tell(worker_id id) {
    send([this, id, x = leader->instruction_of(id)] {
      if (workers[id].gone)
        return;
      workers[id].policy->instruct(x, now);
      if (!workers[id].busy)
        decide(id);
    });
  }

  void send_released() {
    std::vector<worker_id> released;
    leader->take_released(released);
    for (auto id : released)
      tell(id);
  }

  void arm() {
    const auto due = leader->next_tick();
    if (due == never || due <= armed_)
      return;
    armed_ = due;
    at(due, [this] {
      leader->tick(now);
      send_released();
      arm();
    });
  }

  void report(worker_id id) {
    send([this, id, x = workers[id].done] {
      members.report(id, x);
      leader->reported(id, x, now);
      send_released();
      tell(id);
      arm();
    });
  }

  void decide(worker_id id) {
    auto& w = workers[id];
    auto what = w.policy->next(now);
    if (what == action::commit && w.policy->trains_during_commit()) {
      w.policy->committing(now);
      at(now + w.exchange_seconds, [this, id, took = w.exchange_seconds] { applied(id, took); });
      what = w.policy->next(now);
    }
    if (what == action::wait) {
      if (on_wait)
        on_wait(id);
      report_again(id);
      return;
    }
    w.busy = true;
    if (what == action::step && on_step)
      on_step(id);
    std::vector<std::uint64_t> fetched; // as of the beginning of the exchange, to be strict
    if (what == action::pull || (what == action::commit && w.policy->pulls_with_commit()))
      fetched = all_commits();
    // The shards keep what a round starts from: the first who asks for it sees what all see.
    if (const auto round = w.policy->round(); what == action::pull && round > 0)
      fetched = round_starts_.emplace(round, fetched).first->second;
    const auto spread = 1 + w.jitter * (2 * uniform() - 1);
    const auto took = what == action::step ? w.step_seconds * spread : w.exchange_seconds;
    at(now + took, [this, id, what, took, fetched = std::move(fetched)] {
      if (!fetched.empty())
        workers[id].seen = fetched;
      finish(id, what, took);
    });
  }

  std::vector<std::uint64_t> all_commits() const {
    std::vector<std::uint64_t> result;
    for (const auto& w : workers)
      result.push_back(w.done.commits);
    return result;
  }

  /// What was lost is made good by a waiting worker's reporting again.
  void report_again(worker_id id) {
    if (outside.lose == 0 || std::exchange(workers[id].reporting_again, true))
      return;
    at(now + 5, [this, id] {
      workers[id].reporting_again = false;
      if (workers[id].gone || workers[id].busy)
        return;
      report(id);
      report_again(id);
    });
  }

  void applied(worker_id id, double took) {
    auto& w = workers[id];
    if (w.gone)
      return;
    ++w.done.commits;
    w.done.exchange += took;
    w.policy->committed(now, took);
    report(id);
  }

  void finish(worker_id id, action what, double took) {
    auto& w = workers[id];
    if (w.gone)
      return;
    w.busy = false;
    if (what == action::step) {
      ++w.done.steps;
      w.done.compute += took;
      w.done.loss_sum += step_loss ? step_loss() : 0;
      w.policy->stepped(now);
    } else if (what == action::commit) {
      applied(id, took);
    } else {
      w.policy->pulled(now);
    }
    decide(id);
  }

  std::map<std::uint64_t, std::vector<std::uint64_t>> round_starts_; ///< commits in its parameters
  bool started_ = false;
  double armed_ = -1;
};

} // namespace adsp::sync::test
