// The real data set: its counts, and that a model learns from it. Skipped where it is not
// installed.
#include "learning/data/sources/load.hpp"
#include "learning/models/model.hpp"
#include "learning/training/optimizer.hpp"
#include "learning/training/partition.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <numeric>

using namespace adsp::learning;

namespace {

bool installed() {
  if (std::filesystem::exists("/usr/share/datasets/fashion-mnist"))
    return true;
  MESSAGE("skipped: apt-get install dataset-fashion-mnist");
  return false;
}

/// Accuracy on the test samples after `steps` of SGD.
double train(const train_and_test& data, const model_options& options, int steps) {
  auto tested = make_model(options, flat(784), 10);
  std::vector<float> w(tested->parameter_count());
  std::vector<float> gradient(w.size());
  tested->initialise(w, generator(1, "model"));
  optimizer descent({.learning_rate = 0.1}, w.size());
  sample_indices share(data.train.size());
  std::iota(share.begin(), share.end(), 0U);
  batch_stream stream(share, 64, generator(1, "batches"));
  minibatch batch;
  for (int i = 0; i < steps; ++i) {
    gather(data.train, stream.next(), batch);
    tested->loss_and_gradient(w, batch, gradient);
    descent.step(w, gradient);
  }
  auto found = tested->evaluate(w, {data.test.features, data.test.labels, {}, {}});
  return static_cast<double>(found.correct) / static_cast<double>(found.samples);
}

} // namespace

TEST_CASE("all of Fashion-MNIST") {
  if (!installed())
    return;
  auto data = load({});
  CHECK(data.train.size() == 60000);
  CHECK(data.test.size() == 10000);
  CHECK(data.train.features.rows() == 784);
  CHECK(data.train.features.cols() == 60000);
  auto pixels = data.train.features.reshaped();
  auto [darkest, brightest] = std::minmax_element(pixels.begin(), pixels.end());
  CHECK(*darkest == 0.0F);
  CHECK(*brightest == 1.0F);
  for (std::int32_t label = 0; label < 10; ++label) {
    CHECK(std::count(data.train.labels.begin(), data.train.labels.end(), label) == 6000);
    CHECK(std::count(data.test.labels.begin(), data.test.labels.end(), label) == 1000);
  }
  CHECK(data.train.labels[0] == 9); // an ankle boot
}

TEST_CASE("softmax and mlp learn from a slice") {
  if (!installed())
    return;
  data_options options;
  options.train_limit = 5000;
  options.test_limit = 1000;
  auto data = load(options);
  CHECK(data.train.size() == 5000);
  CHECK(data.test.size() == 1000);
  CHECK(train(data, {"softmax", {}, 0}, 300) > 0.7);
  CHECK(train(data, {"mlp", {64}, 0}, 300) > 0.7);
}
