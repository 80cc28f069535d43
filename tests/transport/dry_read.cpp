// Messages between processes are looked at before they are given to CAF: whether they can be read.
#include "transport/dry_read.hpp"
#include "actors/clock/system_config.hpp"
#include "messages/freight.hpp"
#include "tests/messages/blocks/largest_allocation.hpp"
#include "tests/messages/samples.hpp"
#include "tests/transport/frames.hpp"

#include "messages/protocol.hpp"

#include <caf/actor_system.hpp>
#include <caf/binary_serializer.hpp>
#include <caf/message.hpp>
#include <caf/scoped_actor.hpp>

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

  /// A handle as it is sent.
  static std::string handle(std::uint64_t actor, const frames::somebody& of) {
    return frames::number(actor) + of.bytes();
  }
  bool reads(const char* types, const std::string& values) {
    const auto bytes = frames::message(types, values);
    return readable(system, bytes, there.id(), freight);
  }

  system_config config{drive::virtual_time};
  caf::actor_system system{config};
  std::vector<std::size_t> freight;
  frames::somebody there{2, 2}; ///< who sends
  frames::somebody third{3, 3};
  frames::somebody here{system.node()};
  frames::somebody nowhere{caf::node_id{}};
};

} // namespace

TEST_CASE_FIXTURE(fixture, "whole messages can be read, and none that ends too early") {
  const auto check = [this](const std::vector<char>& whole) {
    CHECK(readable(system, whole, there.id(), freight));
    for (std::size_t size = 0; size < whole.size(); ++size)
      CHECK_FALSE(readable(system, std::span{whole}.first(size), there.id(), freight));
  };
  check(sent(push{{1, 3}, 4, true, test::sample_block(), 5, true}));
  check(sent(fresh{4, 11, test::sample_kept(), 5}));
  check(sent(host{1, test::sample_block(), {}}));
  check(sent(report{3, test::sample_progress()}));
  hello greeting;
  greeting.node = "a";
  greeting.workers = {"a-0"};
  greeting.settings = {{"key", "value"}};
  check(sent(greeting));
  check(sent(stop_atom::value, std::string{"why"}));
}

TEST_CASE_FIXTURE(fixture, "a handle is one of the sender's actors") {
  const caf::scoped_actor self{system};
  system.registry().put(self->id(), caf::actor_cast<caf::strong_actor_ptr>(self));
  const std::string greeting = frames::number<std::uint32_t>(5) + std::string{"\x01x\0\0\0", 5} +
                               frames::number<std::uint64_t>(1) + std::string(1, '\0');
  const auto join = std::string{"\x03w-0"} + frames::number<std::uint64_t>(25450);
  for (const auto& message :
       {std::pair<std::string, std::string>{"+adsp::hello+adsp::node_actor", greeting},
        {"+adsp::join+adsp::worker_actor", join},
        {"+@atom+adsp::node_actor", frames::number(leave_atom::uint_value())},
        {"+adsp::shard_actor", ""}}) {
    const auto& types = message.first; // clang 14 captures no structured binding
    INFO(types);
    const auto with = [&](const std::string& actor) {
      return reads(types.c_str(), message.second + actor);
    };
    CHECK(with(handle(5, there)));
    CHECK_FALSE(with(handle(0, there)));
    CHECK_FALSE(with(handle(5, third)));
    CHECK_FALSE(with(handle(0, nowhere)));
    CHECK_FALSE(with(handle(5, nowhere)));
    CHECK_FALSE(with(handle(999999, here)));
    CHECK_FALSE(with(handle(self->id(), here)));
  }
  system.registry().erase(self->id());
}

TEST_CASE_FIXTURE(fixture, "a list of shards is of anybody's, and none is missing") {
  const caf::scoped_actor self{system};
  system.registry().put(self->id(), caf::actor_cast<caf::strong_actor_ptr>(self));
  const auto with = [this](const std::string& scheduler, const std::string& shard) {
    return reads("+adsp::work", scheduler + '\x02' + shard + handle(6, there) + '\0');
  };
  CHECK(with(handle(5, there), handle(5, third)));
  CHECK(with(handle(5, there), handle(self->id(), here)));
  CHECK_FALSE(with(handle(5, third), handle(5, there)));
  CHECK_FALSE(with(handle(5, there), handle(0, nowhere)));
  CHECK_FALSE(with(handle(5, there), handle(0, third)));
  CHECK_FALSE(with(handle(5, there), handle(999999, here)));
  CHECK_FALSE(with(handle(0, nowhere), handle(5, there)));
  system.registry().erase(self->id());
}

TEST_CASE_FIXTURE(fixture, "a block that announces more than follows cannot be read") {
  auto bytes = sent(host{1, test::sample_block(), {}});
  constexpr std::size_t rule = 1 + 5 * sizeof(double) + sizeof(std::uint32_t) + 1;
  const auto floats = bytes.size() - rule - 12 - 4; // the rule, the block, the length before it
  REQUIRE(bytes[floats + 3] == 3);
  bytes[floats] = '\x7f';
  CHECK_FALSE(readable(system, bytes, there.id(), freight));
}

TEST_CASE_FIXTURE(fixture, "what blocks hold is not copied to see whether it can be read") {
  const std::vector<float> many(least_freight / sizeof(float) - 1);
  const auto bytes = sent(push{{1, 3}, 4, true, copy_of(many), 5, true});
  test::largest_allocation = 0;
  CHECK(readable(system, bytes, there.id(), freight));
  CHECK(test::largest_allocation < 4096);
  CHECK(freight.empty());
}

TEST_CASE_FIXTURE(fixture, "the sizes of blocks that come beside the message are found") {
  std::vector<encoded_block> loaded;
  load_freight_into(&loaded);
  const auto bytes = sent(push{{1, 3}, 4, true, copy_of(std::vector<float>(1 << 20)), 5, true});
  load_freight_into(nullptr);
  REQUIRE(loaded.size() == 1);
  test::largest_allocation = 0;
  CHECK(readable(system, bytes, there.id(), freight));
  CHECK(test::largest_allocation < 4096);
  CHECK(freight == std::vector<std::size_t>{4 << 20});
}
