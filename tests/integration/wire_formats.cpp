// Training over compressed exchanges in virtual time: as good as uncompressed, the same from run to
// run, and faster where the link is slow.
#include "sync/adsp_options.hpp"
#include "tests/actors/tiny_job.hpp"
#include "tests/integration/virtual_cluster.hpp"

#include <array>
#include <utility>

using namespace adsp;

namespace {

/// 12 parameters of three classes in the plane would be too few to leave any out: 30 dimensions.
std::shared_ptr<const learning::train_and_test> wide_clouds() {
  constexpr int dimensions = 30;
  const auto make = [](std::uint32_t samples, std::uint64_t seed) {
    learning::generator random{seed, "clouds"};
    learning::dataset x;
    x.classes = 2;
    x.features.resize(dimensions, samples);
    for (std::uint32_t i = 0; i < samples; ++i) {
      const double centre = i % 2 == 0 ? -0.3 : 0.3;
      for (int d = 0; d < dimensions; ++d)
        x.features(d, i) = static_cast<float>(centre + random.normal());
      x.labels.push_back(static_cast<std::int32_t>(i % 2));
    }
    return x;
  };
  auto data = std::make_shared<learning::train_and_test>();
  data->train = make(600, 1);
  data->test = make(300, 2);
  return data;
}

struct outcome {
  job_result result;
  std::vector<evaluation_record> evaluations;
};

outcome train(job plan, wire_options wire) {
  plan.wire = wire;
  test::virtual_cluster x;
  x.start(plan, wide_clouds());
  auto end = x.result_within(plan.max_time + 1);
  REQUIRE(end);
  return {std::move(*end), x.seen->evaluations};
}

constexpr wire_options fp32{};
constexpr std::array<wire_options, 5> compressed{{{{wire_format::fp16}, false},
                                                  {{wire_format::int8}, false},
                                                  {{wire_format::topk, 0.1}, false},
                                                  {{}, true},
                                                  {{wire_format::int8}, true}}};

job small_job(sync::policy_kind policy, bool overlap) {
  auto plan = test::tiny_job(policy, {0.1, 0.2, 0.4});
  plan.ps.shard_size = 40;
  plan.sync.adsp->overlap = overlap;
  plan.sync.adsp->commit_rate = 4;
  plan.sync.local_steps = 5;
  plan.evaluation.interval = 0.25;
  plan.evaluation.target_loss = 0.16;
  plan.evaluation.window = 1;
  plan.max_time = 200;
  for (auto& group : plan.workers)
    group.latency = 0.05;
  return plan;
}

} // namespace

TEST_CASE("compressed commits reach the loss of plain ones in about as many steps") {
  auto plan = small_job(sync::policy_kind::adsp, true);
  SUBCASE("exchanges that overlap with training") {}
  SUBCASE("rounds") {
    plan.sync.adsp->step = sync::server_step::round;
    plan.ps.learning_rate = 0.2; // less than the share of topk times the workers
  }
  SUBCASE("exchanges that stop it") {
    plan = small_job(sync::policy_kind::adsp, false);
  }
  SUBCASE("with a barrier after every step") {
    plan = small_job(sync::policy_kind::bsp, false);
  }
  const auto plain = train(plan, fp32);
  REQUIRE(plain.result.reason == end_reason::target_reached);
  for (const auto& wire : compressed) {
    CAPTURE(static_cast<int>(wire.commit.format));
    CAPTURE(wire.fp16_pull);
    const auto x = train(plan, wire);
    REQUIRE(x.result.reason == end_reason::target_reached);
    const auto steps = static_cast<double>(x.result.last.steps);
    CHECK(steps <= 1.15 * static_cast<double>(plain.result.last.steps));
  }
}

TEST_CASE("the same seed gives the same bits under every format") {
  auto plan = small_job(sync::policy_kind::adsp, true);
  plan.max_time = 10;
  for (const auto& wire : compressed) {
    const auto one = train(plan, wire);
    const auto other = train(plan, wire);
    CHECK(one.result == other.result);
    CHECK(one.evaluations == other.evaluations);
  }
}

TEST_CASE("what travels is counted and emulated as it is encoded") {
  auto plan = test::tiny_job(sync::policy_kind::bsp, {0.1});
  plan.ps.shard_size = 40; // 62 parameters: 40 and 22
  plan.max_steps = 10;
  plan.workers[0].bandwidth = 8000; // a byte takes 1 ms
  const auto expect = [&](wire_options wire, std::uint64_t up, std::uint64_t down) {
    const auto x = train(plan, wire).result;
    const auto exchanges = x.total.commits;
    REQUIRE(exchanges >= 10);
    // The parameters come before the first step and after every barrier but the last.
    CHECK(x.total.bytes == exchanges * (up + down));
    CHECK(x.total.exchange == doctest::Approx(1e-3 * static_cast<double>(exchanges * up)));
    CHECK(x.total.communicate ==
          doctest::Approx(1e-3 * static_cast<double>(exchanges * up + (exchanges - 1) * down)));
  };
  plan.max_time = 1000;
  expect(fp32, 248, 248);
  expect({{wire_format::fp16}, true}, 124, 124);
  expect({{wire_format::int8}, false}, 70, 248);
  expect({{wire_format::topk, 0.1}, true}, 7 * 6, 124);
}
