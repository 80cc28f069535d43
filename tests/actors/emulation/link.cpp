// The parameter server's emulated link: first come, first served in each direction.
#include "actors/emulation/link.hpp"
#include "tests/virtual_time.hpp"

using namespace adsp;

namespace {

struct fixture {
  test::virtual_time world;
  link_actor line = world.own(world.system.spawn(adsp::link, 8000.0)); // 1000 bytes a second

  /// Seconds until the transfer has passed.
  double up(std::uint64_t bytes) { return passed({true, bytes}); }
  double down(std::uint64_t bytes) { return passed({false, bytes}); }

  double passed(const transfer& x) {
    const auto answer = world.ask<double>(line, x);
    REQUIRE(answer);
    return *answer;
  }
};

doctest::Approx seconds(double x) {
  return doctest::Approx(x).epsilon(1e-9);
}

} // namespace

TEST_CASE_FIXTURE(fixture, "a transfer takes bits over bandwidth") {
  CHECK(up(250) == seconds(0.25));
  CHECK(down(4000) == seconds(4));
  CHECK(passed({true, 0}) == seconds(0.25)); // nothing to carry, but behind what came before
}

TEST_CASE_FIXTURE(fixture, "of two transfers at once the second waits for the first") {
  CHECK(up(1000) == seconds(1));
  CHECK(up(500) == seconds(1.5));
  CHECK(up(1000) == seconds(2.5));
}

TEST_CASE_FIXTURE(fixture, "the directions are independent") {
  CHECK(up(3000) == seconds(3));
  CHECK(down(1000) == seconds(1));
  CHECK(down(1000) == seconds(2));
  CHECK(up(1000) == seconds(4));
}

TEST_CASE_FIXTURE(fixture, "the queue passes with time") {
  CHECK(up(2000) == seconds(2));
  world.advance(0.5);
  CHECK(up(1000) == seconds(2.5));
  world.advance(2.5);
  CHECK(up(1000) == seconds(1)); // the last one has just passed
}

TEST_CASE_FIXTURE(fixture, "an idle link has no queue and saves nothing up") {
  world.advance(1000);
  CHECK(up(1000) == seconds(1));
  world.advance(1000);
  CHECK(up(1000) == seconds(1));
  CHECK(up(1000) == seconds(2));
}

TEST_CASE("a queue without end is a century long") {
  test::virtual_time world;
  auto line = world.own(world.system.spawn(adsp::link, 1.0)); // one bit a second
  double last = 0;
  for (int i = 0; i < 100; ++i) {
    const auto passed = world.ask<double>(line, transfer{true, std::uint64_t{1} << 40});
    REQUIRE(passed);
    REQUIRE(*passed >= last);
    last = *passed;
    world.advance(1);
  }
  CHECK(last == seconds(3.2e9));
}
