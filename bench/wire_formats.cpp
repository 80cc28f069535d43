// How fast updates are encoded with error feedback, and applied by a shard: GB of fp32 a second on
// one thread, shards of 65,536 floats, 16 of them in turn, so that they come from the larger
// caches.
#include "actors/server/parameter_store.hpp"
#include "actors/worker/replica.hpp"

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <random>
#include <string>
#include <vector>

namespace {

using namespace adsp;

constexpr std::uint32_t shard_size = 65536;
constexpr std::size_t shards = 16;
constexpr double bytes = sizeof(float) * shard_size * shards;

struct named {
  const char* name;
  encoding how;
};

constexpr named formats[] = {{"fp32", {}},
                             {"fp16", {wire_format::fp16}},
                             {"int8", {wire_format::int8}},
                             {"topk", {wire_format::topk, 0.01}}};

std::vector<std::string> results; ///< printed when all is measured

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// A worker that has just trained, and the shards that it commits to.
struct parties {
  explicit parties(const encoding& how) : copy{plan_shards(shard_size * shards, shard_size), how} {
    std::mt19937_64 random{1};
    std::normal_distribution<float> normal;
    for (shard_id i = 0; i < shards; ++i) {
      stores.emplace_back(i, std::vector<float>(shard_size, 1.0f));
      copy.refresh(i, stores[i].snapshot());
    }
    for (auto& x : copy.parameters())
      x += 1e-3f * normal(random);
  }

  std::vector<parameter_store> stores;
  replica copy;
  std::uint64_t sequence = 0;
};

double median(std::vector<double>& x) {
  std::nth_element(x.begin(), x.begin() + x.size() / 2, x.end());
  return x[x.size() / 2];
}

/// The difference, the encoding and the residual; then the shards' decoding and application in
/// place.
void commit(benchmark::State& state) {
  const auto& format = formats[state.range(0)];
  parties x{format.how};
  std::vector<double> encode;
  std::vector<double> apply;
  for (auto _ : state) {
    std::vector<encoded_block> updates;
    updates.reserve(shards);
    const auto begin = now();
    for (std::size_t i = 0; i < shards; ++i)
      updates.push_back(*x.copy.update(i));
    const auto middle = now();
    ++x.sequence;
    for (shard_id i = 0; i < shards; ++i)
      if (x.stores[i].apply({{0, x.sequence}, i, true, std::move(updates[i])}))
        std::abort();
    const auto end = now();
    encode.push_back(middle - begin);
    apply.push_back(end - middle);
    state.SetIterationTime(end - begin);
  }
  state.SetLabel(format.name);
  results.push_back(
      fmt::format("RESULT encode_{} {:.2f} GB/s", format.name, bytes / median(encode) / 1e9));
  results.push_back(
      fmt::format("RESULT apply_{} {:.2f} GB/s", format.name, bytes / median(apply) / 1e9));
}

/// Parameters as fp16: made by the shard, opened by the worker into local copy and base.
void pull(benchmark::State& state) {
  parties x{{}};
  std::vector<double> encode;
  std::vector<double> open;
  for (auto _ : state) {
    std::vector<encoded_block> blocks;
    blocks.reserve(shards);
    for (std::size_t i = 0; i < shards; ++i) { // a new version, outside of the measured time
      ++x.sequence;
      const auto update = *x.copy.update(i);
      if (x.stores[i].apply({{0, x.sequence}, static_cast<shard_id>(i), true, update}))
        std::abort();
    }
    const auto begin = now();
    for (auto& store : x.stores)
      blocks.push_back(store.fp16_snapshot());
    const auto middle = now();
    for (std::size_t i = 0; i < shards; ++i)
      x.copy.refresh(i, blocks[i]);
    const auto end = now();
    encode.push_back(middle - begin);
    open.push_back(end - middle);
    state.SetIterationTime(end - begin);
  }
  results.push_back(
      fmt::format("RESULT encode_pull_fp16 {:.2f} GB/s", bytes / median(encode) / 1e9));
  results.push_back(fmt::format("RESULT open_pull_fp16 {:.2f} GB/s", bytes / median(open) / 1e9));
}

BENCHMARK(commit)->DenseRange(0, 3)->Iterations(301)->UseManualTime()->Unit(
    benchmark::kMillisecond);
BENCHMARK(pull)->Iterations(301)->UseManualTime()->Unit(benchmark::kMillisecond);

} // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv))
    return 2;
  benchmark::RunSpecifiedBenchmarks();
  for (const auto& line : results)
    std::puts(line.c_str());
}
