// A shard that moves once a round, beside an account of what it ought to hold: each commit once, by
// the rule.
#pragma once

#include "actors/server/parameter_store.hpp"
#include "actors/worker/exchange.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <utility>
#include <vector>

namespace adsp::test {

struct accounted_shard {
  accounted_shard(shard_id number, std::uint32_t size, const sync::commit_rule& chosen)
      : store{number, std::vector<float>(size, 100.0F), chosen}, rule{chosen}, expected(size, 100),
        velocity(size, 0) {}

  parameter_store store;
  sync::commit_rule rule;
  std::vector<double> expected;
  std::vector<double> velocity;
  double steps = 0;
  double usual = 0;                        ///< weight of a round
  double largest = 100;                    ///< parameter so far: floats are as exact as that allows
  std::vector<push> waiting;               ///< what this round ought to be made of
  std::map<worker_id, std::uint64_t> last; ///< the largest sequence seen
  std::set<std::pair<worker_id, std::uint64_t>> in; ///< commits that have moved it
  std::map<worker_id, double> since;                ///< arrival of the commits that wait
  std::map<worker_id, double> waited;               ///< how long the last commit has waited
  std::vector<std::pair<worker_id, ticket>> asked;  ///< to be answered at the end of the round
  std::uint64_t closed = 0;

  /// Takes note of a push that has arrived, perhaps again.
  void account(const push& what) {
    auto& latest = last[what.id.worker];
    if (what.id.sequence <= latest)
      return;
    latest = what.id.sequence;
    waiting.push_back(what);
  }

  /// The store has made its step: makes the same in the account, and compares.
  void check_step() {
    expect_step();
    const auto values = store.snapshot();
    for (std::size_t i = 0; i < expected.size(); ++i) {
      largest = std::max(largest, std::abs(expected[i]));
      if (std::abs(values.values()[i] - expected[i]) > 1e-5 * largest)
        FAIL("a shard has not moved as its rule says: " << values.values()[i] << " "
                                                        << expected[i]);
    }
  }

private:
  void expect_step() {
    if (waiting.empty())
      return;
    double weights = 0;
    std::vector<double> mean(expected.size(), 0);
    for (const auto& each : waiting) {
      const auto weight = std::pow(static_cast<double>(each.steps), rule.step_weight);
      weights += weight;
      for (std::size_t i = 0; i < mean.size(); ++i)
        mean[i] += weight * each.update.plain().values()[i];
      if (!in.insert({each.id.worker, each.id.sequence}).second)
        FAIL("a commit moves a shard twice");
    }
    waiting.clear();
    ++steps;
    usual += (weights - usual) / std::min(steps, 30.0);
    const auto beta = std::min(
        {rule.momentum, (steps - 1) / (steps + 2), 1 - 1 / (rule.count * (rule.count - 1.0))});
    for (std::size_t i = 0; i < mean.size(); ++i) {
      const auto g = mean[i] / std::max(weights, usual);
      velocity[i] = beta * velocity[i] + g;
      expected[i] -= rule.eta * (g + beta * velocity[i]);
    }
  }
};

} // namespace adsp::test
