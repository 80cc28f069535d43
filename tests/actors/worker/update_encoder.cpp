// Error feedback: what commits carry and what is left over is always what was learnt.
#include "actors/worker/update_encoder.hpp"
#include "actors/server/parameter_store.hpp"
#include "actors/worker/replica.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

using namespace adsp;

namespace {

const encoding every_lossy[] = {
    {wire_format::fp16}, {wire_format::int8}, {wire_format::topk, 0.01}, {wire_format::topk, 0.4}};

/// A shard and a worker of one, and what ought to be true of the two.
struct pair_of {
  static constexpr std::uint32_t size = 700; // no multiple of a chunk

  explicit pair_of(encoding how, bool fp16 = false)
      : store{0, std::vector<float>(size, 0.5f)}, copy{plan_shards(size, size), how},
        fp16_pull{fp16}, learnt(size, 0.0), applied(size, 0.0) {
    REQUIRE(copy.refresh(0, fresh()));
  }

  encoded_block fresh() {
    return fp16_pull ? store.fp16_snapshot() : encoded_block{store.snapshot()};
  }

  void train(float scale) {
    for (std::size_t i = 0; i < size; ++i) {
      const auto before = copy.parameters()[i];
      copy.parameters()[i] -= scale * normal(random) * (i % 7 == 0 ? 30.0f : 1.0f);
      learnt[i] += static_cast<double>(before) - copy.parameters()[i];
    }
  }

  /// Commits; `overlap`: trains on before the answer.
  void commit(bool overlap) {
    const auto update = copy.update(0, overlap);
    REQUIRE(update);
    std::vector<float> decoded(size);
    decode(*update, decoded);
    for (std::size_t i = 0; i < size; ++i)
      applied[i] += decoded[i];
    if (overlap)
      train(0.01f);
    REQUIRE_FALSE(store.apply({{0, ++sequence}, 0, true, *update}));
    REQUIRE((overlap ? copy.merge(0, fresh()) : copy.refresh(0, fresh())));
  }

  std::mt19937_64 random{2};
  std::normal_distribution<float> normal;
  parameter_store store;
  replica copy;
  bool fp16_pull;
  std::vector<double> learnt;  ///< sum of what training has taken away
  std::vector<double> applied; ///< sum of the decoded commits
  std::uint64_t sequence = 0;
};

} // namespace

TEST_CASE("decoded commits and the residual are what was learnt, and what the shard has") {
  for (const auto& how : every_lossy)
    for (const bool overlap : {false, true})
      for (const bool fp16 : {false, true}) {
        CAPTURE(static_cast<int>(how.format));
        CAPTURE(overlap);
        CAPTURE(fp16);
        pair_of x{how, fp16};
        for (int round = 0; round < 100; ++round) {
          x.train(0.01f);
          x.commit(overlap);
        }
        x.commit(false); // what was learnt during the last exchange
        double lost = 0;
        const auto residual = x.copy.residual(0);
        for (std::size_t i = 0; i < x.size; ++i) {
          const auto sum = x.applied[i] + residual[i];
          REQUIRE(std::abs(sum - x.learnt[i]) < 1e-3); // 100 roundings of floats of size 10
          const double moved = 0.5 - x.store.snapshot().values()[i];
          REQUIRE(std::abs(moved - x.applied[i]) < 1e-3);
          lost += std::abs(residual[i]);
        }
        CHECK(lost > 0);
      }
}

TEST_CASE("what an encoding loses comes later: without new steps the shard gets all of it") {
  for (const auto& how : every_lossy) {
    CAPTURE(static_cast<int>(how.format));
    pair_of x{how};
    x.train(0.01f);
    for (int round = 0; round < 110; ++round)
      x.commit(false);
    for (std::size_t i = 0; i < x.size; ++i)
      CHECK(std::abs(x.applied[i] - x.learnt[i]) < 1e-6);
  }
}

TEST_CASE("beyond the largest half the rest waits in the residual") {
  update_encoder encoder{{wire_format::fp16}, plan_shards(1, 1)};
  const std::vector<float> base{1e5f};
  const std::vector<float> now{0.0f};
  const auto made = encoder.encode(0, base, now, {});
  REQUIRE(made);
  std::vector<float> decoded(1);
  decode(*made, decoded);
  CHECK(decoded[0] == 65504);
  CHECK(encoder.residual(0)[0] == 1e5f - 65504);
}

TEST_CASE("what is not finite is refused, wherever it is, and a fresh start forgets it") {
  constexpr std::size_t size = 300;
  for (const auto& how : every_lossy)
    for (const float bad : {std::nanf(""), std::numeric_limits<float>::infinity(),
                            std::numeric_limits<float>::lowest()})
      for (std::size_t at = 0; at < size; at += 13) {
        replica copy{plan_shards(size, size), how};
        REQUIRE(
            copy.refresh(0, copy_of(std::vector<float>(size, std::numeric_limits<float>::max()))));
        copy.parameters()[at] = bad;
        CHECK_FALSE(copy.update(0));
        REQUIRE(copy.refresh(0, copy_of(std::vector<float>(size, 1.0f))));
        copy.forget_residuals();
        copy.parameters()[at] = 0;
        CHECK(copy.update(0));
      }
}

TEST_CASE("an update in flight keeps its bytes while the next one is made") {
  for (const auto& how : every_lossy) {
    pair_of x{how};
    x.train(0.01f);
    const auto first = x.copy.update(0);
    REQUIRE(first);
    const std::vector<std::byte> bytes{first->bytes().begin(), first->bytes().end()};
    x.train(0.01f);
    CHECK(x.copy.update(0));
    CHECK(std::ranges::equal(first->bytes(), bytes));
    CHECK(first->byte_count() == x.copy.commit_bytes());
  }
}

TEST_CASE("places are 32 bits wide in large shards") {
  constexpr std::uint32_t size = 70'000;
  replica copy{plan_shards(size, size), {wire_format::topk, 1.0 / size}};
  REQUIRE(copy.refresh(0, copy_of(std::vector<float>(size, 0.0f))));
  copy.parameters()[69'999] = 1;
  parameter_store store{0, std::vector<float>(size, 0.0f)};
  const auto update = copy.update(0);
  REQUIRE(update);
  CHECK(update->byte_count() == 8);
  REQUIRE_FALSE(store.apply({{0, 1}, 0, true, *update}));
  CHECK(store.snapshot().values()[69'999] == 1);
}
