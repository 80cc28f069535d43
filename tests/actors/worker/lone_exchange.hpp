// One worker's exchange, for tests that pass each message by hand: no network and no actor.
#pragma once

#include "actors/worker/exchange.hpp"
#include "actors/worker/replica.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <vector>

namespace adsp::test {

inline constexpr commit_style every_style[] = {commit_style::bare, commit_style::fetching,
                                               commit_style::overlapped};

/// A worker's exchange and copy, with two shards, and answers of blocks filled with one number.
struct lone_exchange {
  replica copy;
  exchange current;

  explicit lone_exchange(exchange_rules rules = {.attempts = 3,
                                                 .fp16_pull = false,
                                                 .recovers = true},
                         encoding commits = {})
      : copy{plan_shards(6, 3), commits}, current{copy, rules} {}

  static fresh block(shard_id shard, float value, std::uint64_t version = 0,
                     std::uint32_t generation = 0) {
    return {shard, version, copy_of(std::vector<float>(3, value)), generation};
  }

  /// What a shard answers to a commit: a block unless the commit is bare.
  static fresh applied(commit_style style, shard_id shard, float value, std::uint64_t version,
                       std::uint32_t generation = 0) {
    return style == commit_style::bare ? fresh{shard, version, {}, generation}
                                       : block(shard, value, version, generation);
  }

  outcome pull(float value = 0, std::uint32_t generation = 0) {
    current.begin_pull(0);
    return answer_both(value, generation);
  }

  outcome answer_both(float value, std::uint32_t generation = 0) {
    CHECK(current.answered(current.ask(0), block(0, value, 1, generation)) == reaction::wait);
    REQUIRE(current.answered(current.ask(1), block(1, value, 1, generation)) == reaction::complete);
    return current.finish();
  }

  void commit(commit_style style, std::uint64_t steps = 1) {
    REQUIRE(current.begin_commit(style, steps));
    current.answered(current.ask(0), applied(style, 0, 0, 1));
    REQUIRE(current.answered(current.ask(1), applied(style, 1, 0, 1)) == reaction::complete);
    CHECK(current.finish() == outcome::committed);
  }

  /// An update that is not finite, and the attempt to recover from it.
  bool fail_and_recover() {
    copy.parameters()[5] = std::numeric_limits<float>::quiet_NaN();
    CHECK_FALSE(current.begin_commit(commit_style::fetching, 1));
    CHECK(current.must_recover());
    if (!current.begin_recovery(0))
      return false;
    CHECK(answer_both(0, current.generation()) == outcome::recovered);
    return true;
  }

  std::vector<float> values() { return {copy.parameters().begin(), copy.parameters().end()}; }
};

} // namespace adsp::test
