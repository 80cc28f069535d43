// A training step allocates nothing once its scratch is there: every malloc of this program is
// counted (operator new and Eigen both end in malloc).
#include "learning/augmentation.hpp"
#include "learning/model.hpp"
#include "learning/optimizer.hpp"
#include "learning/partition.hpp"

#include <doctest/doctest.h>

#include <numeric>

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
/// The layers that no preset has.
model_options other_layers() {
  model_options result{"layers", {}, 0};
  for (const auto* kind : {"embedding", "gru", "layer_norm", "dropout", "gru"}) {
    result.layers.emplace_back();
    auto& x = result.layers.back();
    x.kind = kind;
    x.units = 24;
    x.vocabulary = 1;
    x.sequence = true;
  }
  return result;
}

/// Allocations of 5 steps and evaluations after the first of each.
std::uint64_t count(const dataset& data, const model_options& options, std::uint32_t batch_size) {
  auto tested = make_model(options, input_of(data), 10);
  std::vector<float> w(tested->parameter_count());
  std::vector<float> gradient(w.size());
  tested->initialise(w, generator(1, "model"));
  optimizer descent({.learning_rate = 0.01, .batch_size = batch_size, .kind = "adam"}, w.size());
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
#endif

} // namespace

TEST_CASE("training steps and evaluations allocate nothing after the first") {
  auto data = noise_data(784);
  auto images = noise_data(784);
  images.input = {28, 28, 1};
  auto window = noise_data(10);
  auto tokens = noise_data(10);
  tokens.features.setZero();
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
    CHECK(count(window, {"lstm", {32, 48}, 1e-4}, batch_size) == 0);
    CHECK(count(window, {"quadratic", {}, 0}, batch_size) == 0);
    CHECK(count(tokens, other_layers(), batch_size) == 0);
  }
  CHECK(count(data, {"mlp", {2048, 1024}, 0}, 64) == 0);
  CHECK(count(images, {"cnn", {}, 1e-4}, 32) == 0);
  CHECK(count(window, {"lstm", {128, 384}, 0}, 64) == 0);
  const auto how = parse_augmentation({"flip", "shift:2"});
  generator random(1, "augment");
  minibatch batch;
  gather(images, std::vector<std::uint32_t>{0, 1, 2}, batch);
  before = allocations;
  augment(how, images.input, random, batch);
  CHECK(allocations == before);
#else
  MESSAGE("skipped: a sanitizer or another C library owns malloc");
#endif
}
