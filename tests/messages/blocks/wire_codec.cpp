// Every wire format keeps its bound on whatever floats there are, and bytes that cannot be true are
// refused.
#include "messages/blocks/wire_codec.hpp"

#include "messages/block_bytes.hpp"

#include <caf/binary_deserializer.hpp>
#include <caf/binary_serializer.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>
#include <random>
#include <vector>

using namespace adsp;

namespace {

constexpr auto largest = std::numeric_limits<float>::max();
constexpr auto denormal = std::numeric_limits<float>::denorm_min();

/// What a half stands for, from its definition.
double half_value(std::uint16_t bits) {
  const int exponent = bits >> 10 & 31;
  const double fraction = bits & 1023;
  const double size =
      exponent == 0 ? std::ldexp(fraction, -24) : std::ldexp(1024 + fraction, exponent - 25);
  return (bits & 0x8000) != 0 ? -size : size;
}

/// Runs of every length up to 600 of numbers that ask something of a format.
template <class F>
void for_every_run(F f) {
  std::mt19937_64 random{11};
  std::normal_distribution<float> normal;
  const std::vector<float> odd = {0.0f,  -0.0f, denormal, -denormal, 1e-39f,   65504.0f, 65520.f,
                                  -7e4f, 1e38f, largest,  -1.0f,     5.96e-8f, -largest, 3e-8f};
  for (std::size_t size = 1; size <= 600; size += size < 20 ? 1 : 29) {
    std::vector<float> x(size);
    for (int kind = 0; kind < 6; ++kind) {
      for (auto& value : x)
        switch (kind) {
        case 0:
          value = 0;
          break;
        case 1:
          value = normal(random);
          break;
        case 2: // over all exponents
          value = std::ldexp(normal(random), static_cast<int>(random() % 240) - 140);
          break;
        case 3:
          value = odd[random() % odd.size()];
          break;
        case 4: // ties
          value = random() % 2 == 0 ? 1.0f : -1.0f;
          break;
        default:
          value = 1e-3f * normal(random);
        }
      if (kind == 5)
        x[random() % size] = 1e6f; // one outlier
      CAPTURE(size);
      CAPTURE(kind);
      f(std::span<const float>{x});
    }
  }
}

/// A block of `bytes` bytes, whatever they say.
encoded_block block_of(wire_format format, std::size_t size,
                       const std::vector<std::uint8_t>& bytes) {
  auto memory = std::make_shared<parameter_buffer>(floats_for(bytes.size()));
  std::memcpy(memory->values().data(), bytes.data(), bytes.size());
  return {format, size, bytes.size(), parameter_block{std::move(memory)}};
}

encoded_block kept_block(std::size_t size, const std::vector<float>& values,
                         const std::vector<std::uint16_t>& places) {
  std::vector<std::uint8_t> encoded(values.size() * 6);
  std::memcpy(encoded.data(), values.data(), values.size() * 4);
  std::memcpy(encoded.data() + values.size() * 4, places.data(), places.size() * 2);
  return block_of(wire_format::topk, size, encoded);
}

} // namespace

TEST_CASE("every half is opened to what it stands for, and encoded to itself") {
  for (std::uint32_t bits = 0; bits <= 0xffff; ++bits) {
    const auto half = static_cast<std::uint16_t>(bits);
    if ((half & 0x7c00) == 0x7c00)
      continue;
    float opened = 0;
    decode_fp16({&half, 1}, &opened);
    REQUIRE(static_cast<double>(opened) == half_value(half));
    std::uint16_t again = 0;
    encode_fp16({&opened, 1}, &again);
    REQUIRE(again == half);
  }
}

TEST_CASE("fp16 takes the nearest half, of two the even one, and the largest beyond all") {
  for_every_run([](std::span<const float> x) {
    std::vector<std::uint16_t> halves(x.size());
    encode_fp16(x, halves.data());
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double value = std::clamp(x[i], -65504.0f, 65504.0f);
      const auto error = std::abs(half_value(halves[i]) - value);
      const auto size = halves[i] & 0x7fff;
      REQUIRE(size <= 0x7bff);
      REQUIRE(std::signbit(x[i]) == (halves[i] >= 0x8000));
      for (const int other : {size - 1, size + 1}) {
        if (other < 0 || other > 0x7bff)
          continue;
        const auto rival =
            std::abs(half_value(static_cast<std::uint16_t>(other)) - std::abs(value));
        const bool nearest = error < rival || (error == rival && size % 2 == 0);
        REQUIRE(nearest);
      }
    }
  });
  const auto nan = std::nanf("");
  std::uint16_t half = 0;
  encode_fp16({&nan, 1}, &half);
  CHECK((half & 0x7c00) == 0x7c00);
  CHECK((half & 0x3ff) != 0);
}

TEST_CASE("int8 is within half a level") {
  for_every_run([](std::span<const float> all) {
    const auto x = all.first(std::min(all.size(), chunk_size));
    std::vector<std::int8_t> levels(x.size());
    std::vector<float> opened(x.size());
    const auto scale = encode_int8(x, levels.data());
    decode_int8(scale, levels, opened.data());
    CHECK(std::isfinite(scale));
    for (std::size_t i = 0; i < x.size(); ++i) {
      REQUIRE(std::isfinite(opened[i]));
      REQUIRE(std::abs(levels[i]) <= 127);
      const auto cut = std::abs(x[i]) > 0.99 * largest ? 0.01 * largest : 0;
      REQUIRE(std::abs(static_cast<double>(x[i]) - opened[i]) <= 0.50002 * scale + cut);
    }
  });
}

TEST_CASE("the largest are found, increasing, of equal ones the first") {
  largest_finder finder;
  const auto check = [&](std::span<const float> x, std::size_t count) {
    std::vector<std::uint32_t> expected(x.size());
    std::iota(expected.begin(), expected.end(), 0);
    std::stable_sort(expected.begin(), expected.end(),
                     [&](auto a, auto b) { return std::abs(x[a]) > std::abs(x[b]); });
    expected.resize(count);
    std::sort(expected.begin(), expected.end());
    const auto found = finder.find(x, count);
    REQUIRE(std::ranges::equal(found, expected));
  };
  for_every_run([&](std::span<const float> x) {
    for (const double share : {1e-9, 0.01, 0.3, 1.0})
      check(x, kept_count(share, x.size()));
  });
  std::mt19937_64 random{5};
  std::normal_distribution<float> normal;
  std::vector<float> many(70'000);
  for (int kind = 0; kind < 4; ++kind) {
    for (std::size_t i = 0; i < many.size(); ++i)
      many[i] = kind == 0   ? normal(random)
                : kind == 1 ? static_cast<float>(random() % 3) // many equal
                : kind == 2 ? (i % 61 == 0 ? 1.0f : 0.5f)      // the sample deceives
                            : (random() % 100 == 0 ? normal(random) : 0.0f);
    for (const double share : {0.0001, 0.01, 0.5, 1.0})
      check(many, kept_count(share, many.size()));
  }
}

TEST_CASE("sizes that a format cannot have are refused") {
  CHECK(kept_count(0.01, 1) == 1);
  CHECK(kept_count(0.01, 101) == 2);
  CHECK(kept_count(1, 7) == 7);
  CHECK(encoded_bytes({wire_format::int8}, 257) == 8 + 257);
  CHECK(encoded_bytes({wire_format::topk, 0.5}, 10) == 30);
  CHECK(encoded_bytes({wire_format::topk, 0.5}, 65538) == 8 * 32769);
  CHECK(consistent(wire_format::topk, 10, 30));
  CHECK_FALSE(consistent(wire_format::topk, 10, 31));
  CHECK_FALSE(consistent(wire_format::topk, 10, 66));
  CHECK_FALSE(consistent(wire_format::topk, 10, 0));
  CHECK_FALSE(consistent(wire_format::fp16, 10, 40));
  CHECK_FALSE(consistent(static_cast<wire_format>(4), 0, 0));
}

TEST_CASE("what a block holds is looked at before it is used") {
  const auto inf = std::numeric_limits<float>::infinity();
  CHECK(check_contents(kept_block(5, {1, 2}, {0, 4})) == contents::sound);
  CHECK(check_contents(kept_block(5, {1, 2}, {0, 5})) == contents::misplaced);
  CHECK(check_contents(kept_block(5, {1, 2}, {3, 3})) == contents::misplaced);
  CHECK(check_contents(kept_block(5, {1, 2}, {3, 1})) == contents::misplaced);
  CHECK(check_contents(kept_block(5, {1, inf}, {0, 4})) == contents::not_finite);
  CHECK(check_contents(block_of(wire_format::fp16, 2, {0, 0, 0, 0x7c})) == contents::not_finite);
  for (const float scale : {inf, std::nanf(""), -1.0f, largest}) {
    std::vector<std::uint8_t> bytes(5);
    std::memcpy(bytes.data(), &scale, 4);
    CHECK(check_contents(block_of(wire_format::int8, 1, bytes)) == contents::not_finite);
  }
}

TEST_CASE("random bytes are refused, or a block that opens within its bounds") {
  std::mt19937_64 random{3};
  int accepted = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::vector<char> bytes(9 + random() % 64);
    for (auto& x : bytes)
      x = static_cast<char>(random());
    // A header that is nearly right, or the body would never be looked at.
    bytes[0] = static_cast<char>(random() % 5);
    const auto size = static_cast<std::uint32_t>(random() % 40);
    const auto announced = static_cast<std::uint32_t>(
        random() % 2 == 0 ? encoded_bytes({static_cast<wire_format>(bytes[0]), 0.1}, size)
                          : random() % 80);
    std::memcpy(bytes.data() + 1, &size, 4);
    std::memcpy(bytes.data() + 5, &announced, 4);
    encoded_block x;
    caf::binary_deserializer source{nullptr, bytes};
    if (source(x) || check_contents(x) != contents::sound)
      continue;
    ++accepted;
    REQUIRE(x.size() <= 40);
    std::vector<float> opened(x.size());
    decode(x, opened);
  }
  CHECK(accepted > 100);
}
