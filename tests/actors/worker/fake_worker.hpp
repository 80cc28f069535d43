// One worker of a fake crew: its exchange, and the account that the crew keeps of it.
#pragma once

#include "actors/worker/exchange.hpp"
#include "actors/worker/replica.hpp"
#include "tests/actors/worker/fake_shards.hpp"

#include <map>
#include <optional>
#include <set>
#include <vector>

namespace adsp::test {

struct fake_worker {
  fake_worker(const fake_shards& shards, worker_id id, exchange_rules how, commit_style which,
              encoding commits)
      : copy{shards.ranges, commits}, current{copy, how}, rules{how}, style{which},
        base(shards.ranges.size()), held(shards.ranges.size()), learnt(copy.parameters().size()),
        walked(learnt.size()), walked_before(learnt.size()) {
    current.join(id);
  }

  replica copy;
  exchange current;
  exchange_rules rules;
  commit_style style;
  std::uint64_t steps = 0;
  std::uint64_t unsent = 0;                       ///< steps that the next update holds
  std::map<std::uint64_t, std::uint32_t> counted; ///< sequences of commits, their generations
  std::set<std::uint64_t> voided;                 ///< sequences of those that do not count
  bool ended = false;
  bool pull_due = false; ///< the last commit was bare

  // The account of the present exchange.
  std::map<shard_id, int> attempts;
  std::map<shard_id, std::optional<fresh>> heard; ///< the first answer of each; none: it refused
  std::map<shard_id, encoded_block> pushed;
  bool recovering = false;
  std::uint64_t round = 0;

  // The account of all exchanges.
  std::uint64_t exchanges = 0;
  std::uint64_t bytes = 0;
  std::uint32_t told = 0; ///< the largest generation that the worker knows of
  bool update_void = false;
  int voids_in_a_row = 0;
  std::vector<std::uint64_t> base;      ///< version of the block of each shard
  std::vector<std::uint32_t> held;      ///< generation of that block
  std::vector<std::vector<float>> sent; ///< updates of the commits, decoded, from sequence 1
  std::vector<float> learnt;            ///< sum of what was trained away and not sent
  std::vector<float> walked;            ///< sum of what was trained away since the base arrived
  std::vector<float> walked_before;     ///< the same when the last commit began
};

} // namespace adsp::test
