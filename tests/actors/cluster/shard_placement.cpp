// Who hosts which shard, whoever comes, is lost or answers when.
#include "actors/cluster/shard_placement.hpp"

#include "tests/fake_network.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <vector>

using namespace adsp;

TEST_CASE("parts are given in the order of coming, each once") {
  shard_placement parts{5, 2};
  const auto first = parts.give(7);
  REQUIRE(first);
  CHECK(first->first == 0);
  CHECK(first->size == 3);
  CHECK_FALSE(parts.give(7)); // it has one
  const auto second = parts.give(8);
  REQUIRE(second);
  CHECK(second->first == 3);
  CHECK(second->size == 2);
  CHECK_FALSE(parts.give(9));
  CHECK_FALSE(parts.hosted(8, 0)); // of the other
  CHECK_FALSE(parts.hosted(9, 0));
  CHECK_FALSE(parts.hosted(7, 5));
  for (std::size_t shard = 0; shard < 5; ++shard) {
    CHECK_FALSE(parts.complete());
    CHECK(parts.hosted(shard < 3 ? 7 : 8, shard));
  }
  CHECK(parts.complete());
  const auto freed = parts.take_back(7);
  REQUIRE(freed);
  CHECK(freed->first == 0);
  CHECK(freed->size == 3);
  CHECK_FALSE(parts.complete());
  CHECK_FALSE(parts.hosted(7, 0));
  CHECK_FALSE(parts.take_back(7));
  CHECK(parts.give(9)->first == 0);
  for (std::size_t shard = 0; shard < 3; ++shard) {
    CHECK_FALSE(parts.complete());
    CHECK(parts.hosted(9, shard));
  }
  CHECK(parts.complete()); // the other's were hosted all the time
}

TEST_CASE("parts hold every shard once, in order, and the first are at most one longer") {
  for (std::size_t shards = 0; shards < 20; ++shards)
    for (std::size_t nodes = 1; nodes < 8; ++nodes) {
      CAPTURE(shards);
      CAPTURE(nodes);
      shard_placement parts{shards, nodes};
      std::size_t next = 0;
      auto longest = shards;
      for (member_id id = 1; id <= nodes; ++id) {
        CHECK_FALSE(parts.part_of(id));
        const auto part = parts.give(id);
        REQUIRE(part);
        CHECK(part->first == next);
        CHECK(part->size <= longest);
        CHECK(part->size >= shards / nodes);
        CHECK(part->size <= (shards + nodes - 1) / nodes);
        REQUIRE(parts.part_of(id));
        CHECK(parts.part_of(id)->first == next);
        next += part->size;
        longest = part->size;
      }
      CHECK(next == shards);
      CHECK_FALSE(parts.give(nodes + 1));
    }
}

TEST_CASE("of more nodes than shards the last have none") {
  shard_placement parts{2, 4};
  for (member_id id = 1; id <= 4; ++id) {
    const auto part = parts.give(id);
    REQUIRE(part);
    CHECK(part->size == (id <= 2 ? 1 : 0));
  }
  CHECK_FALSE(parts.give(5));
  CHECK(parts.hosted(1, 0));
  CHECK(parts.hosted(2, 1));
  CHECK_FALSE(parts.hosted(3, 2));
  CHECK(parts.complete());
}

TEST_CASE("a shard is of one node that has said so, whatever is late, repeated or lost") {
  for (unsigned seed = 0; seed < test::seeds; ++seed) {
    CAPTURE(seed);
    test::fake_network net{seed};
    net.outside.max_delay = 1;
    net.outside.repeat = 0.3;
    net.outside.lose = 0.1;
    const auto shards = 1 + net.below(8);
    const auto nodes = 1 + net.below(5);
    shard_placement parts{shards, nodes};
    std::map<std::size_t, member_id> hosts; ///< of each shard, as the test counts them
    member_id last = 0;
    std::vector<std::optional<member_id>> owner(nodes); ///< of each part

    const auto lose = [&](member_id who) {
      const auto own = std::ranges::find(owner, who);
      const auto part = parts.take_back(who);
      REQUIRE(part.has_value() == (own != owner.end()));
      if (!part)
        return;
      own->reset();
      for (auto i = part->first; i < part->first + part->size; ++i)
        hosts.erase(i);
    };
    const auto come = [&] {
      const auto who = ++last;
      const auto free = std::ranges::find(owner, std::optional<member_id>{});
      const auto part = parts.give(who);
      REQUIRE(part.has_value() == (free != owner.end()));
      if (!part)
        return;
      *free = who;
      const auto expected =
          place_shards(shards, nodes, static_cast<std::size_t>(free - owner.begin()));
      REQUIRE(part->first == expected.first);
      REQUIRE(part->size == expected.size);
      REQUIRE_FALSE(parts.give(who)); // it has one
      for (auto i = part->first; i < part->first + part->size; ++i)
        net.send([&, who, i] { // the node's answer
          const bool owns = std::ranges::find(owner, who) != owner.end();
          REQUIRE(parts.hosted(who, i) == owns);
          if (owns)
            hosts[i] = who;
        });
    };
    for (int i = 0; i < 60; ++i)
      net.at(20 * net.uniform(), come);
    for (int i = 0; i < 40; ++i)
      net.at(20 * net.uniform(), [&] { lose(1 + net.below(last + 1)); });
    net.run_until(25, [&] {
      REQUIRE(parts.complete() == (hosts.size() == shards));
      std::vector<int> owners(shards, 0);
      for (member_id who = 1; who <= last; ++who)
        if (const auto part = parts.part_of(who))
          for (auto i = part->first; i < part->first + part->size; ++i)
            ++owners[i];
      for (const auto count : owners)
        REQUIRE(count <= 1);
    });
    // Those that have not answered are lost, others come: all is placed in the end.
    net.outside.lose = 0;
    for (member_id who = 1, present = last; who <= present; ++who)
      lose(who);
    for (std::size_t i = 0; i < nodes; ++i)
      come();
    net.run_until(30);
    CHECK(parts.complete());
  }
}
