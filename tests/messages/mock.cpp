// A mock fails its test when it gets what it has no handler for.
#include "tests/mock.hpp"
#include "tests/virtual_time.hpp"

#include <doctest/doctest.h>

using namespace adsp;

namespace {

test::mock<shard_actor> mock_of_pulls(caf::event_based_actor*) {
  return {[](const pull&) { return fresh{}; }};
}

struct mocked_shard {
  test::virtual_time world;
  shard_actor shard = world.own(spawn_mock(world.system, mock_of_pulls));
};

} // namespace

TEST_CASE_FIXTURE(mocked_shard, "a mock answers what it has a handler for") {
  CHECK(world.ask<fresh>(shard, pull{}));
}

TEST_CASE_FIXTURE(mocked_shard,
                  "any other message to a mock fails the test" * doctest::should_fail()) {
  world.self->send(shard, server_rate{});
  world.settle();
}
