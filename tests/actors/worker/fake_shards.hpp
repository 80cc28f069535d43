// The shards of a job as plain parameter stores that note what they applied. No actor and no clock.
// All numbers are whole and small, so that sums of floats are exact in any order.
#pragma once

#include "actors/server/parameter_store.hpp"
#include "actors/worker/exchange.hpp"

#include <doctest/doctest.h>

#include <map>
#include <set>
#include <utility>
#include <variant>
#include <vector>

namespace adsp::test {

inline std::vector<float> floats_of(std::span<const float> values) {
  return {values.begin(), values.end()};
}

/// What a shard says to a request.
using shard_answer = std::variant<fresh, failure>;

/// The shards, and what they ought to hold.
class fake_shards {
public:
  /// Worker and sequence of each commit.
  using commit_set = std::set<std::pair<worker_id, std::uint64_t>>;

  explicit fake_shards(std::vector<shard_range> all) : ranges{std::move(all)} {
    for (const auto& range : ranges) {
      const std::vector<float> zeros(range.size, 0.0F);
      stores.emplace_back(static_cast<shard_id>(stores.size()), zeros,
                          sync::commit_rule{.eta = 1.0});
      states.push_back({{0, zeros}});
    }
    applied.resize(stores.size());
    refusing.resize(stores.size());
  }

  /// `fresh` or not_finite.
  shard_answer answer(const push& asked) {
    auto& store = stores[asked.shard];
    if (asked.generation > store.generation())
      FAIL("an update is of a later generation than the shard");
    if (asked.generation == store.generation() &&
        refusing[asked.shard].contains({asked.id.worker, asked.id.sequence}))
      return failure::not_finite;
    const auto before = store.version();
    if (store.apply(asked))
      return failure::not_finite;
    if (store.version() != before) { // applied: once an id
      if (!applied[asked.shard].insert({asked.id.worker, asked.id.sequence}).second)
        FAIL("a commit is applied twice");
      note_state(asked.shard);
    }
    return fresh{asked.shard, store.version(),
                 asked.pull ? block(asked.shard, asked.fp16, 0) : encoded_block{},
                 store.generation()};
  }

  shard_answer answer(const pull& asked) {
    auto& store = stores[asked.shard];
    if (asked.candidate)
      FAIL("a worker's block is not to be kept");
    store.enter(asked.round);
    return fresh{asked.shard, store.version(asked.round),
                 block(asked.shard, asked.fp16, asked.round), store.generation()};
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
  /// What each shard has applied since it was last taken back.
  std::vector<commit_set> applied;
  /// What each shard will refuse, as if its part were not finite.
  std::vector<commit_set> refusing;

private:
  encoded_block block(shard_id shard, bool fp16, std::uint64_t round) {
    return fp16 ? stores[shard].fp16_snapshot(round) : stores[shard].snapshot(round);
  }

  void note_state(shard_id shard) { states[shard][stores[shard].version()] = values(shard); }
};

} // namespace adsp::test
