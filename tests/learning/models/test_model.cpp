// Models beyond their gradients: start points, evaluation, divergence, and options that make no
// sense.
#include "learning/models/make_network.hpp"
#include "learning/models/model.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

using namespace adsp::learning;

namespace {

minibatch random_batch(Eigen::Index features, std::size_t classes, Eigen::Index samples) {
  generator random(5, "batch");
  minibatch result;
  result.features.resize(features, samples);
  for (auto& x : result.features.reshaped())
    x = static_cast<float>(random.normal());
  for (Eigen::Index i = 0; i < samples; ++i)
    result.labels.push_back(static_cast<std::int32_t>(random.below(classes)));
  return result;
}

} // namespace

TEST_CASE("start points: zero biases, He and Glorot weights, zero softmax") {
  auto mlp = make_model({"mlp", {200}, 0}, flat(400), 10);
  REQUIRE(mlp->parameter_count() == 400 * 200 + 200 + 200 * 10 + 10);
  std::vector<float> w(mlp->parameter_count(), 9.0F);
  mlp->initialise(w, generator(1, "model"));
  double squares = 0;
  for (std::size_t i = 0; i < 80000; ++i)
    squares += static_cast<double>(w[i]) * w[i];
  CHECK(squares / 80000 == doctest::Approx(2.0 / 400).epsilon(0.03));
  for (std::size_t i = 80000; i < 80200; ++i)
    CHECK(w[i] == 0.0F);
  for (std::size_t i = 80200; i < 82200; ++i)
    CHECK(std::abs(w[i]) <= std::sqrt(6.0 / 210));
  CHECK(w[82205] == 0.0F);
  std::vector<float> again(w.size());
  mlp->initialise(again, generator(1, "model"));
  CHECK(w == again);
  auto softmax = make_model({"softmax", {200}, 0}, flat(4), 3);
  CHECK(softmax->parameter_count() == 15);
  std::vector<float> start(15, 9.0F);
  softmax->initialise(start, generator(1, "model"));
  CHECK(start == std::vector<float>(15));
}

TEST_CASE("start of an LSTM: small weights, the forget gate open; of an SVM: zero") {
  auto tested = make_model({"lstm", {16, 8}, 0}, flat(5), 3);
  REQUIRE(tested->parameter_count() == 64 * 17 + 64 + (16 * 8 + 8) + (8 * 3 + 3));
  std::vector<float> w(tested->parameter_count(), 9.0F);
  tested->initialise(w, generator(1, "model"));
  for (std::size_t i = 0; i < 64 * 17; ++i)
    CHECK(std::abs(w[i]) <= 0.25F);
  for (std::size_t i = 0; i < 64; ++i)
    CHECK(w[64 * 17 + i] == (i >= 16 && i < 32 ? 1.0F : 0.0F));
  CHECK(w[64 * 18] != 0.0F);
  CHECK(w.back() == 0.0F);
  auto svm = make_model({"linear_svm", {16}, 0}, flat(4), 3);
  CHECK(svm->parameter_count() == 15);
  std::vector<float> start(15, 9.0F);
  svm->initialise(start, generator(1, "model"));
  CHECK(start == std::vector<float>(15));
}

TEST_CASE("the loss that is meant, and the one that cannot be") {
  CHECK(loss_of({"linear_svm", {}, 0}, 3) == "hinge");
  CHECK(loss_of({"mlp", {4}, 0}, 3) == "cross_entropy");
  CHECK(loss_of({"softmax", {}, 0}, 0) == "squared");
  CHECK_THROWS_WITH_AS(loss_of({"linear_svm", {}, 0}, 0),
                       doctest::Contains("which tells classes apart"), std::invalid_argument);
}

TEST_CASE("to a first recurrent layer, numbers in a row are a series of steps") {
  model_options x;
  x.kind = "layers";
  x.layers = {{.kind = "gru", .units = 4, .initialiser = {}}};
  CHECK(input_of_layers(x, flat(5)) == shape{5, 1, 1});
  CHECK(input_of_layers(x, {3, 1, 2}) == shape{3, 1, 2});
  CHECK(input_of_layers({"mlp", {4}, 0}, flat(5)) == flat(5));
  CHECK(make_model(x, flat(5), 2)->parameter_count() ==
        make_model(x, {5, 1, 1}, 2)->parameter_count());
}

TEST_CASE("evaluation agrees with the loss, whatever sizes came before") {
  for (const auto* kind : {"mlp", "lstm", "linear_svm"}) {
    CAPTURE(kind);
    auto tested = make_model({kind, {16}, 0}, flat(8), 5);
    std::vector<float> w(tested->parameter_count());
    tested->initialise(w, generator(2, "model"));
    std::vector<float> gradient(w.size());
    for (Eigen::Index samples : {3, 64, 1, 500, 64}) {
      auto batch = random_batch(8, 5, samples);
      auto found = tested->evaluate(w, batch);
      CHECK(found.samples == static_cast<std::uint64_t>(samples));
      CHECK(found.loss / static_cast<double>(samples) ==
            doctest::Approx(tested->loss_and_gradient(w, batch, gradient)).epsilon(1e-5));
    }
  }
}

TEST_CASE("an LSTM learns what no single value of its window shows") {
  // The label says whether the first and the last of five values have the same sign.
  generator random(3, "series");
  minibatch batch;
  batch.features.resize(5, 200);
  for (auto& x : batch.features.reshaped())
    x = static_cast<float>(random.normal());
  for (Eigen::Index i = 0; i < 200; ++i)
    batch.labels.push_back(batch.features(0, i) * batch.features(4, i) > 0 ? 1 : 0);
  auto tested = make_model({"lstm", {16, 16}, 0}, flat(5), 2);
  std::vector<float> w(tested->parameter_count());
  std::vector<float> gradient(w.size());
  tested->initialise(w, generator(1, "model"));
  auto first = tested->loss_and_gradient(w, batch, gradient);
  for (int step = 0; step < 800; ++step) {
    tested->loss_and_gradient(w, batch, gradient);
    for (std::size_t i = 0; i < w.size(); ++i)
      w[i] -= 0.5F * gradient[i];
  }
  CHECK(first > 0.6F);
  CHECK(tested->loss_and_gradient(w, batch, gradient) < 0.1F);
  CHECK(tested->evaluate(w, batch).correct > 190);
}

TEST_CASE("correct predictions are counted") {
  auto tested = make_model({"softmax", {}, 0}, flat(2), 2);
  std::vector<float> w = {1, 0, 0, 1, 0, 0}; // the identity: the larger feature is the prediction
  minibatch batch;
  batch.features.resize(2, 3);
  batch.features << 1, 0, 5, 0, 1, 4;
  batch.labels = {0, 1, 1};
  CHECK(tested->evaluate(w, batch).correct == 2);
}

TEST_CASE("large logits do not overflow, and divergence shows in the loss") {
  auto batch = random_batch(8, 3, 10);
  for (auto kind : {"softmax", "mlp", "lstm", "linear_svm"}) {
    CAPTURE(kind);
    auto tested = make_model({kind, {6}, 0}, flat(8), 3);
    std::vector<float> w(tested->parameter_count());
    generator random(1, "large");
    for (auto& x : w)
      x = static_cast<float>(1e4 * random.normal());
    std::vector<float> gradient(w.size());
    CHECK(std::isfinite(tested->loss_and_gradient(w, batch, gradient)));
    w[0] = std::numeric_limits<float>::quiet_NaN();
    CHECK(!std::isfinite(tested->loss_and_gradient(w, batch, gradient)));
    w.assign(w.size(), std::numeric_limits<float>::quiet_NaN());
    CHECK(!std::isfinite(tested->evaluate(w, batch).loss));
    CHECK(tested->evaluate(w, batch).correct == 0);
  }
}

TEST_CASE("options that make no model are refused") {
  auto huge = std::numeric_limits<std::uint32_t>::max();
  CHECK_THROWS_AS(make_model({"cnn", {4}, 0}, flat(4), 2), std::invalid_argument);
  CHECK_THROWS_AS(make_model({"mlp", {}, 0}, flat(4), 2), std::invalid_argument);
  CHECK_THROWS_AS(make_model({"mlp", {4, 0}, 0}, flat(4), 2), std::invalid_argument);
  CHECK_THROWS_AS(make_model({"lstm", {}, 0}, flat(4), 2), std::invalid_argument);
  CHECK_THROWS_AS(make_model({"lstm", {20000}, 0}, flat(4), 2),
                  std::invalid_argument); // 4 square gates
  CHECK_THROWS_AS(make_model({"mlp", {huge, huge}, 0}, flat(4), 2), std::invalid_argument);
  CHECK_THROWS_AS(make_model({"softmax", {}, 0}, flat(0), 2), std::invalid_argument);
  CHECK_THROWS_AS(make_model({"softmax", {}, 0}, flat(4), 1), std::invalid_argument);
  CHECK_THROWS_AS(make_model({"softmax", {}, -1}, flat(4), 2), std::invalid_argument);
  CHECK_THROWS_AS(make_model({"softmax", {}, std::nan("")}, flat(4), 2), std::invalid_argument);
}
