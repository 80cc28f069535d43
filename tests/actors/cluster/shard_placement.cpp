// Who hosts which shard, whoever comes, is lost or answers when.
#include "actors/cluster/shard_placement.hpp"

#include "tests/fake_network.hpp"

#include <doctest/doctest.h>

#include <map>
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
  REQUIRE(parts.take_back(7));
  CHECK_FALSE(parts.complete());
  CHECK_FALSE(parts.hosted(7, 0));
  CHECK_FALSE(parts.take_back(7));
  CHECK(parts.give(9)->first == 0);
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

    const auto lose = [&](member_id who) {
      if (const auto part = parts.take_back(who))
        for (auto i = part->first; i < part->first + part->size; ++i)
          hosts.erase(i);
    };
    const auto come = [&] {
      const auto who = ++last;
      const auto part = parts.give(who);
      if (!part)
        return;
      for (auto i = part->first; i < part->first + part->size; ++i)
        net.send([&, who, i] { // the node's answer
          const bool owns = parts.part_of(who).has_value();
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
