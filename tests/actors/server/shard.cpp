// The shard actor: what it answers.
#include "actors/server/shard.hpp"
#include "tests/virtual_time.hpp"

using namespace adsp;

TEST_CASE("a shard answers commits and pulls, and refuses what is wrong") {
  test::virtual_time world;
  const auto x =
      world.own(world.system.spawn(shard, host{2, copy_of(std::vector{1.0f, 1.0f}), {.eta = 0.5}},
                                   std::shared_ptr<adsp::access>{}));
  const auto update = copy_of(std::vector{2.0f, 0.0f});

  auto answer = world.ask<fresh>(x, push{{0, 1}, 2, true, update});
  REQUIRE(answer);
  CHECK(*answer == fresh{2, 1, copy_of(std::vector{0.0f, 1.0f}), 0});

  SUBCASE("a commit that asks for no block gets the version alone") {
    answer = world.ask<fresh>(x, push{{0, 2}, 2, false, update});
    REQUIRE(answer);
    CHECK(*answer == fresh{2, 2, {}});
  }
  SUBCASE("a repeated commit is answered like the first") {
    CHECK(world.ask<fresh>(x, push{{0, 1}, 2, true, update}) == answer);
  }
  SUBCASE("a pull brings the same block without a copy") {
    auto pulled = world.ask<fresh>(x, pull{2});
    REQUIRE(pulled);
    CHECK(pulled->values.plain().values().data() == answer->values.plain().values().data());
  }
  SUBCASE("errors are answered, and the shard lives on") {
    CHECK_FALSE(world.ask<fresh>(x, pull{1}));
    CHECK(world.error == ec::wrong_shard);
    CHECK_FALSE(world.ask<fresh>(x, push{{0, 2}, 2, true, copy_of(std::vector{1.0f})}));
    CHECK(world.error == ec::wrong_size);
    CHECK(world.ask<fresh>(x, pull{2}) == answer);
  }
}
