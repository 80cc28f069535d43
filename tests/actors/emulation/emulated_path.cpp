// The links that an exchange's bytes pass, without an actor.
#include "actors/emulation/emulated_path.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <initializer_list>

using namespace adsp;

TEST_CASE("bytes pass the device's link, then the server's, and come back the other way round") {
  emulated_path path{true};
  CHECK(path.to_shards(10) == hop::device_link);
  CHECK(path.to_server());
  CHECK(path.bytes() == 10);
  CHECK(path.passed() == hop::server_link);
  CHECK(path.passed() == hop::shards);
  CHECK(path.to_worker(20) == hop::server_link);
  CHECK_FALSE(path.to_server());
  CHECK(path.bytes() == 20);
  CHECK(path.passed() == hop::device_link);
  CHECK(path.passed() == hop::worker);
}

TEST_CASE("where there is no server's link, or nothing to carry, nobody waits in its queue") {
  for (const bool has_link : {false, true}) {
    emulated_path path{has_link};
    const std::uint64_t bytes = has_link ? 0 : 10;
    CHECK(path.to_shards(bytes) == hop::device_link);
    CHECK(path.passed() == hop::shards);
    CHECK(path.to_worker(bytes) == hop::device_link);
    CHECK(path.passed() == hop::worker);
  }
}
