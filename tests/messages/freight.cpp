// Large blocks leave the bytes of their message, and come back into it.
#include "messages/freight.hpp"
#include "actors/clock/system_config.hpp"
#include "messages/protocol.hpp"

#include <caf/actor_system.hpp>
#include <caf/binary_deserializer.hpp>
#include <caf/binary_serializer.hpp>

#include <doctest/doctest.h>

#include <cstring>
#include <stdexcept>

using namespace adsp;

namespace {

constexpr auto large = least_freight / sizeof(float);

struct fixture {
  std::vector<char> written(const host& x) {
    std::vector<char> bytes;
    caf::binary_serializer sink{system, bytes};
    REQUIRE_FALSE(sink(const_cast<host&>(x)));
    return bytes;
  }
  /// `x` as it is written when its large blocks go to `freight`.
  std::vector<char> loaded(const host& x) {
    load_freight_into(&freight);
    auto bytes = written(x);
    load_freight_into(nullptr);
    return bytes;
  }
  caf::error read(const std::vector<char>& bytes, host& to) {
    caf::binary_deserializer source{system, bytes};
    return source(to);
  }
  /// What has been loaded, as it is received.
  std::vector<std::shared_ptr<parameter_buffer>> arrived() const {
    std::vector<std::shared_ptr<parameter_buffer>> found;
    for (const auto& block : freight) {
      found.push_back(std::make_shared<parameter_buffer>(floats_for(block.byte_count())));
      std::memcpy(found.back()->values().data(), block.bytes().data(), block.byte_count());
    }
    return found;
  }

  system_config config{drive::virtual_time};
  caf::actor_system system{config};
  std::vector<encoded_block> freight;
  host sample{1, copy_of(std::vector<float>(large, 2.5F)), {.eta = 0.5, .momentum = 0.25}};
};

} // namespace

TEST_CASE_FIXTURE(fixture, "a large block goes beside its message, from where it lies") {
  const auto bytes = loaded(sample);
  CHECK(bytes.size() < 100);
  REQUIRE(freight.size() == 1);
  CHECK(static_cast<const void*>(freight[0].bytes().data()) == sample.initial.values().data());
  const auto blocks = arrived();
  host found;
  {
    const unloading here{blocks};
    CHECK_FALSE(read(bytes, found));
  }
  CHECK(found.initial == sample.initial);
  CHECK(found.initial.values().data() == blocks[0]->values().data());
  CHECK(found.rule == sample.rule);
}

TEST_CASE_FIXTURE(fixture, "what no gateway writes holds its blocks") {
  const auto bytes = written(sample);
  host found;
  CHECK_FALSE(read(bytes, found));
  CHECK(found.initial == sample.initial);
}

TEST_CASE_FIXTURE(fixture, "a small block stays in the message") {
  sample.initial = copy_of(std::vector<float>(large - 1, 1.0F));
  const auto bytes = loaded(sample);
  CHECK(freight.empty());
  const unloading here{{}};
  host found;
  CHECK_FALSE(read(bytes, found));
  CHECK(found.initial == sample.initial);
}

TEST_CASE_FIXTURE(fixture, "a message whose freight is missing or of another size cannot be read") {
  const auto bytes = loaded(sample);
  std::vector<std::shared_ptr<parameter_buffer>> blocks;
  SUBCASE("missing") {}
  SUBCASE("too short") {
    blocks.push_back(std::make_shared<parameter_buffer>(large - 1));
  }
  const unloading here{blocks};
  host found;
  CHECK(read(bytes, found) == ec::bad_bytes);
}

TEST_CASE("the blocks of two messages that are written or read at once are not mixed") {
  std::vector<encoded_block> first;
  std::vector<encoded_block> second;
  load_freight_into(&first);
  CHECK_THROWS_AS(load_freight_into(&second), std::logic_error);
  load_freight_into(nullptr);
  load_freight_into(&second);
  load_freight_into(nullptr);
  const unloading here{{}};
  CHECK_THROWS_AS(unloading{{}}, std::logic_error);
}
