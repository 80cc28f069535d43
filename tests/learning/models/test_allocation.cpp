// A training step allocates nothing once its scratch is there: every malloc of this program is
// counted (operator new and Eigen both end in malloc).
#include "learning/data/augmentation.hpp"
#include "learning/models/make_network.hpp"
#include "learning/models/model.hpp"
#include "learning/training/optimizer.hpp"
#include "learning/training/partition.hpp"
#include "tests/learning/layers/listed_layers.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <numeric>

#if defined(__GLIBC__)
#include <malloc.h>
#endif

#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__)
#define COUNTS_ALLOCATIONS 1
#else
#define COUNTS_ALLOCATIONS 0
#endif

#if COUNTS_ALLOCATIONS
namespace {
thread_local std::uint64_t allocations = 0;
}

extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);

void* malloc(std::size_t size) {
  ++allocations;
  return __libc_malloc(size);
}
void* calloc(std::size_t count, std::size_t size) {
  ++allocations;
  return __libc_calloc(count, size);
}
void* realloc(void* old, std::size_t size) {
  ++allocations;
  return __libc_realloc(old, size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) {
  ++allocations;
  return __libc_memalign(alignment, size);
}
}
#endif

using namespace adsp::learning;

namespace {

dataset noise_data(Eigen::Index features) {
  dataset result;
  generator random(1, "data");
  result.classes = 10;
  result.features.resize(features, 600);
  for (auto& x : result.features.reshaped())
    x = static_cast<float>(random.uniform());
  for (int i = 0; i < 600; ++i)
    result.labels.push_back(static_cast<std::int32_t>(random.below(10)));
  return result;
}

#if COUNTS_ALLOCATIONS
/// Networks of the layers that no preset has, each by itself and all together; those over tokens
/// first.
std::vector<model_options> networks_over_tokens() {
  return {of_layers({embedding(50, 8)}), of_layers({embedding(50, 8), units("gru", 24)}),
          of_layers({embedding(50, 8), with_sequence(units("gru", 16)), of("layer_norm"),
                     dropout(0.3), units("gru", 24)})};
}

std::vector<model_options> networks_over_windows() {
  return {of_layers({units("gru", 24)}),
          of_layers({with_sequence(units("gru", 16)), units("gru", 8)}),
          of_layers({with_sequence(units("lstm", 16)), of("layer_norm"), of("tanh")}),
          of_layers({units("dense", 32), of("layer_norm"), of("relu")}),
          of_layers({dropout(0.2), units("dense", 32), dropout(0.5), of("relu")})};
}

model_options network_over_images() {
  return of_layers({window("conv2d", 3, 8), of("local_response_norm"), of("layer_norm"),
                    dropout(0.3), of("relu"), window("average_pool", 2)});
}

/// Allocations of 5 steps and evaluations after the first of each.
std::uint64_t count(const dataset& data, const model_options& options, std::uint32_t batch_size,
                    optimizer_options how = {.kind = "adam"}) {
  auto tested = make_model(options, input_of(data), data.classes);
  std::vector<float> w(tested->parameter_count());
  std::vector<float> gradient(w.size());
  tested->initialise(w, generator(1, "model"));
  how.learning_rate = 0.01;
  how.batch_size = batch_size;
  optimizer descent(how, w.size());
  sample_indices share(data.size());
  std::iota(share.begin(), share.end(), 0U);
  batch_stream stream(share, batch_size, generator(1, "batches"));
  minibatch small;
  minibatch large;
  gather(data, share, large);
  tested->evaluate(w, large);
  gather(data, stream.next(), small);
  tested->loss_and_gradient(w, small, gradient);
  auto before = allocations;
  for (int step = 0; step < 5; ++step) {
    gather(data, stream.next(), small);
    tested->loss_and_gradient(w, small, gradient);
    descent.step(w, gradient);
    tested->evaluate(w, large);
  }
  return allocations - before;
}

std::uint64_t live_bytes() {
  const auto x = ::mallinfo2();
  return x.uordblks + x.hblkhd;
}

/// Bytes that the first step of a network takes, over what it says of it.
double taken_of_stated(const model_options& options, const shape& input, std::uint32_t samples) {
  auto tested = make_network<float>(options, input, 10);
  std::vector<float> w(tested.parameter_count());
  std::vector<float> gradient(w.size());
  tested.initialise(w, generator(1, "model"));
  const matrix<float> x = matrix<float>::Zero(input.size(), samples);
  const std::vector<std::int32_t> labels(samples);
  const auto stated = tested.scratch_bytes(samples);
  const auto before = live_bytes();
  tested.loss_and_gradient(w, {x.data(), x.rows(), x.cols()}, {labels, {}, {}}, {true, 1},
                           gradient);
  return static_cast<double>(live_bytes() - before) /
         static_cast<double>(std::accumulate(stated.begin(), stated.end(), std::uint64_t{0}));
}
#endif

} // namespace

TEST_CASE("a network takes the memory that it says") {
#if COUNTS_ALLOCATIONS
  // What networks share is there before: the products' scratch.
  taken_of_stated({"mlp", {300, 100}, 0}, flat(784), 500);
  const auto check = [](const model_options& x, const shape& input, std::uint32_t samples) {
    CAPTURE(x.kind);
    const auto share = taken_of_stated(x, input, samples);
    CHECK(share > 0.8);
    CHECK(share < 1.05);
  };
  const shape image{28, 28, 1};
  check({"mlp", {300, 100}, 0}, flat(784), 500);
  check({"cnn", {}, 0}, image, 64);
  check({"cifar_cnn", {}, 0}, {32, 32, 3}, 64);
  check({"lstm", {64, 64}, 0}, flat(10), 500);
  check(of_layers({units("dense", 2048)}), flat(1024), 8); // 8 MB of weights, of which none is kept
  check(of_layers({window("conv2d", 5, 300)}), image, 1);
  check(of_layers({window("conv2d", 25, 2, 1, 24), window("max_pool", 3, 0, 1, 1)}), image, 2);
  check(of_layers({embedding(50, 8), with_sequence(units("gru", 64)), of("layer_norm"),
                   dropout(0.3), units("gru", 24)}),
        flat(30), 200);
#else
  MESSAGE("skipped: a sanitizer or another C library owns malloc");
#endif
}

TEST_CASE("no loss and no optimiser allocates after the first step") {
#if COUNTS_ALLOCATIONS
  const auto data = noise_data(20);
  auto numbers = data;
  numbers.classes = 0;
  numbers.values.assign(data.labels.begin(), data.labels.end());
  numbers.labels.clear();
  auto weighted = data;
  weighted.class_weights.assign(10, 0.5F);
  const auto with = [](const std::string& loss) {
    model_options x{"mlp", {30}, 1e-4};
    x.loss = loss;
    return x;
  };
  for (const auto* loss : {"cross_entropy", "hinge", "crammer_singer"}) {
    CAPTURE(loss);
    CHECK(count(data, with(loss), 32) == 0);
    CHECK(count(weighted, with(loss), 32) == 0);
  }
  for (const auto* loss : {"squared", "huber"}) {
    CAPTURE(loss);
    CHECK(count(numbers, with(loss), 32) == 0);
  }
  for (const auto* kind : {"sgd", "momentum", "nesterov", "adam"})
    for (const auto* schedule : {"constant", "step", "exponential", "cosine"}) {
      CAPTURE(kind);
      CAPTURE(schedule);
      optimizer_options how{.kind = kind};
      how.momentum = std::string{kind} == "momentum" || std::string{kind} == "nesterov" ? 0.9 : 0;
      how.schedule = schedule;
      how.decay = 0.5;
      how.decay_every = 2;
      how.total_steps = 4;
      how.warmup_steps = 3;
      CHECK(count(data, with(""), 32, how) == 0);
    }
#else
  MESSAGE("skipped: a sanitizer or another C library owns malloc");
#endif
}

TEST_CASE("training steps and evaluations allocate nothing after the first") {
  auto data = noise_data(784);
  auto images = noise_data(784);
  images.input = {28, 28, 1};
  auto numbers = noise_data(10);
  auto series = noise_data(10);
  series.input = {10, 1, 1};
  auto tokens = noise_data(10);
  for (auto& x : tokens.features.reshaped())
    x = std::floor(50 * x);
#if COUNTS_ALLOCATIONS
  auto before = allocations;
  delete new int(static_cast<int>(data.size()));
  std::vector<float> counted(data.size());
  CHECK(allocations > before); // the counter counts
  for (auto batch_size : {1U, 7U, 64U, 256U, 1000U}) {
    CAPTURE(batch_size);
    CHECK(count(data, {"softmax", {}, 0}, batch_size) == 0);
    CHECK(count(data, {"mlp", {256}, 1e-4}, batch_size) == 0);
    CHECK(count(data, {"mlp", {300, 100}, 0}, batch_size) == 0);
    CHECK(count(data, {"linear_svm", {}, 1e-4}, batch_size) == 0);
    CHECK(count(numbers, {"lstm", {32, 48}, 1e-4}, batch_size) == 0);
    CHECK(count(numbers, {"quadratic", {}, 0}, batch_size) == 0);
    for (const auto& x : networks_over_tokens())
      CHECK(count(tokens, x, batch_size) == 0);
    for (const auto& x : networks_over_windows())
      CHECK(count(series, x, batch_size) == 0);
  }
  CHECK(count(data, {"mlp", {2048, 1024}, 0}, 64) == 0);
  CHECK(count(images, {"cnn", {}, 1e-4}, 32) == 0);
  CHECK(count(images, network_over_images(), 32) == 0);
  auto photographs = noise_data(32 * 32 * 3);
  photographs.input = {32, 32, 3};
  CHECK(count(photographs, {"cifar_cnn", {}, 1e-4}, 8) == 0);
  CHECK(count(numbers, {"lstm", {128, 384}, 0}, 64) == 0);
  const auto how = parse_augmentation({"flip", "shift:2"});
  generator random(1, "augment");
  minibatch batch;
  gather(images, std::vector<std::uint32_t>{0, 1, 2}, batch);
  before = allocations;
  augment(how, images.input, random, batch);
  CHECK(allocations == before);
  crop_at_random(24, images);
  draw_samples(images, std::vector<std::uint32_t>{0, 1, 2}, random, batch); // takes its shape
  const std::vector<std::uint32_t> rows{3, 4, 5};
  before = allocations;
  draw_samples(images, rows, random, batch);
  CHECK(allocations == before);
#else
  MESSAGE("skipped: a sanitizer or another C library owns malloc");
#endif
}
