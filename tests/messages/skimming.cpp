// Messages between processes are looked at before they are given to CAF: whether they can be read.
#include "messages/skimming.hpp"
#include "messages/system_config.hpp"
#include "tests/messages/largest_allocation.hpp"
#include "tests/messages/samples.hpp"

#include "messages/protocol.hpp"

#include <caf/actor_system.hpp>
#include <caf/binary_serializer.hpp>
#include <caf/message.hpp>

#include <doctest/doctest.h>

#include <span>

using namespace adsp;

namespace {

struct fixture {
  template <class... Ts>
  std::vector<char> sent(const Ts&... values) {
    std::vector<char> bytes;
    caf::binary_serializer sink{system, bytes};
    std::vector<caf::strong_actor_ptr> stages;
    auto message = caf::make_message(values...);
    REQUIRE(sink(stages, message) == caf::none);
    return bytes;
  }

  system_config config{drive::deterministic};
  caf::actor_system system{config};
};

} // namespace

TEST_CASE_FIXTURE(fixture, "whole messages can be read, and none that ends too early") {
  const auto check = [this](const std::vector<char>& whole) {
    CHECK(readable(system, whole));
    for (std::size_t size = 0; size < whole.size(); ++size)
      CHECK_FALSE(readable(system, std::span{whole}.first(size)));
  };
  check(sent(push{{1, 2, 3}, 4, true, test::sample_block(), 5, true}));
  check(sent(fresh{4, 11, test::sample_kept(), 5}));
  check(sent(host{1, test::sample_block(), 1, 0}));
  check(sent(report{3, 1, test::sample_progress()}));
  hello greeting;
  greeting.node = "a";
  greeting.workers = {"a-0"};
  greeting.settings = {{"key", "value"}};
  check(sent(greeting));
  check(sent(stop_atom::value, std::string{"why"}));
}

TEST_CASE_FIXTURE(fixture, "a block that announces more than follows cannot be read") {
  auto bytes = sent(host{1, test::sample_block(), 1, 0});
  const auto floats =
      bytes.size() - 1 - 16 - 12 - 4; // three fields, the block, the length before it
  REQUIRE(bytes[floats + 3] == 3);
  bytes[floats] = '\x7f';
  CHECK_FALSE(readable(system, bytes));
}

TEST_CASE_FIXTURE(fixture, "what blocks hold is not copied to see whether it can be read") {
  const std::vector<float> many(1 << 20);
  const auto bytes = sent(push{{1, 2, 3}, 4, true, copy_of(many), 5, true});
  test::largest_allocation = 0;
  CHECK(readable(system, bytes));
  CHECK(test::largest_allocation < 4096);
}
