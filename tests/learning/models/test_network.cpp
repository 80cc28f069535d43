// Whole networks: gradients, names, memory in place, tokens, regression.
#include "learning/models/make_network.hpp"
#include "tests/learning/layers/layer_check.hpp"
#include "tests/learning/layers/listed_layers.hpp"
#include "tests/slowness.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

using namespace adsp::learning;

namespace {

struct subject {
  model_options options;
  shape input;
  std::int32_t classes;
  std::uint64_t vocabulary = 0; ///< above 0: the inputs are tokens
};

std::vector<subject> subjects() {
  auto huber = of_layers({units("dense", 5), of("tanh")});
  huber.loss = "huber";
  auto svm = of_layers({units("dense", 6), of("relu")});
  svm.loss = "crammer_singer";
  return {
      {of_layers({}), {2, 3, 1}, 3},
      {of_layers({of("tanh"), of("relu"), units("dense", 7), of("relu"), of("tanh")}), flat(5), 4},
      {of_layers({window("conv2d", 3, 4), of("relu"), window("max_pool", 2),
                  window("conv2d", 2, 5, 1, 0), of("tanh"), window("average_pool", 2, 0, 1, 1),
                  units("dense", 6), of("relu")}),
       {8, 7, 2},
       3},
      {of_layers({window("average_pool", 2), of("relu"), window("conv2d", 3, 3, 2, 1)}),
       {9, 9, 3},
       2},
      {of_layers({window("conv2d", 3, 4), of("local_response_norm"), of("layer_norm"),
                  window("max_pool", 2), dropout(0.4), units("dense", 6), of("layer_norm"),
                  dropout(0.2), of("relu")}),
       {6, 5, 2},
       3},
      {of_layers({with_sequence(units("gru", 5)), of("layer_norm"), dropout(0.3), units("gru", 4)}),
       {6, 1, 2},
       3},
      {of_layers({with_sequence(units("lstm", 4)), dropout(0.5), units("gru", 3)}), {5, 1, 1}, 0},
      {of_layers({embedding(9, 4), dropout(0.2), units("gru", 5)}), flat(6), 3, 9},
      {of_layers({dropout(0.3), units("dense", 6)}), flat(8), 2},
      {huber, flat(4), 0},
      {svm, flat(4), 3},
      {{"cnn", {}, 1e-3}, {28, 28, 1}, 10},
  };
}

/// Samples with what is to be predicted for them.
template <class Scalar>
struct sample_set {
  sample_set(const subject& x, generator& random) {
    const auto samples = static_cast<std::ptrdiff_t>(1 + random.below(4));
    inputs = random_numbers<Scalar>(x.input.size(), samples, random);
    if (x.vocabulary > 0)
      for (auto& token : inputs.reshaped())
        token = static_cast<Scalar>(random.below(x.vocabulary));
    for (std::ptrdiff_t i = 0; i < samples; ++i)
      if (x.classes > 0)
        labels.push_back(
            static_cast<std::int32_t>(random.below(static_cast<std::uint64_t>(x.classes))));
      else
        values.push_back(static_cast<float>(random.normal()));
  }

  targets aims() const { return {labels, values, {}}; }

  matrix<Scalar> inputs;
  std::vector<std::int32_t> labels;
  std::vector<float> values;
};

/// Mean loss with the penalty, by a forward pass alone.
double loss_of(network<double>& x, const std::vector<double>& parameters,
               const matrix<double>& inputs, const targets& aims, double weight_decay) {
  const auto outputs =
      x.forward(parameters, {inputs.data(), inputs.rows(), inputs.cols()}, {true, 1});
  auto result = x.loss_sum(outputs, aims) / static_cast<double>(inputs.cols());
  const auto* w = parameters.data();
  for (const auto& each : x.tensors()) {
    for (const auto* end = w + each.size(); w != end; ++w)
      result += each.decays ? weight_decay / 2 * *w * *w : 0;
  }
  return result;
}

/// |gradient - central differences| / |central differences|, at up to 20 parameters of each tensor.
template <class Scalar>
double network_error(const subject& x, std::uint64_t seed) {
  constexpr double step = 1e-7; // so small that no ReLU or maximum changes sides on the way
  generator random(seed, "network");
  auto tested = make_network<Scalar>(x.options, x.input, x.classes);
  auto exact = make_network<double>(x.options, x.input, x.classes);
  const sample_set<Scalar> data(x, random);
  const auto& in = data.inputs;
  std::vector<Scalar> w(tested.parameter_count());
  tested.initialise(w, generator(seed, "start"));
  for (auto& value : w)
    value += static_cast<Scalar>(0.05 * random.normal());
  std::vector<Scalar> gradient(w.size(), Scalar{99}); // must be overwritten
  const auto loss = tested.loss_and_gradient(w, {in.data(), in.rows(), in.cols()}, data.aims(),
                                             {true, 1}, gradient);
  std::vector<double> at(w.begin(), w.end());
  const matrix<double> exact_in = in.template cast<double>();
  const auto value = [&] {
    return loss_of(exact, at, exact_in, data.aims(), x.options.weight_decay);
  };
  CHECK(loss == doctest::Approx(value()).epsilon(1e-4));
  double difference = 0;
  double norm = 0;
  std::size_t first = 0;
  for (const auto& each : exact.tensors()) {
    for (std::size_t n = 0; n < std::min<std::size_t>(20, each.size()); ++n) {
      const auto i = first + random.below(each.size());
      const auto here = at[i];
      at[i] = here + step;
      const auto above = value();
      at[i] = here - step;
      const auto below = value();
      at[i] = here;
      const auto slope = (above - below) / (2 * step);
      difference += (slope - gradient[i]) * (slope - gradient[i]);
      norm += slope * slope;
    }
    first += each.size();
  }
  return std::sqrt(difference / norm);
}

} // namespace

TEST_CASE("gradients of whole networks agree with central differences") {
  // The sanitizers look at every line in a first turn, which takes them a minute.
  constexpr std::uint64_t turns = sanitizers::slowness > 1 ? 1 : 3;
  for (const auto& x : subjects())
    for (std::uint64_t seed = 0; seed < turns; ++seed) {
      CAPTURE(x.options.kind);
      CAPTURE(x.options.layers.size());
      CAPTURE(seed);
      CHECK(network_error<double>(x, seed) < 1e-6);
      CHECK(network_error<float>(x, seed) < 1e-3);
    }
}

TEST_CASE("the network of the ADSP paper has as many parameters as its authors' on CIFAR-10") {
  std::size_t count = 0;
  for (const auto& row : describe({"cifar_cnn", {}, 0}, {32, 32, 3}, 10))
    count += row.parameters;
  CHECK(count == 148'298);
}

TEST_CASE("the CNN's layers, shapes and names") {
  const auto rows = describe({"cnn", {}, 0}, {28, 28, 1}, 10);
  REQUIRE(rows.size() == 9);
  CHECK(rows[0].kind == "conv2d");
  CHECK(rows[0].output == shape{28, 28, 32});
  CHECK(rows[0].parameters == 832);
  CHECK(rows[5].output == shape{7, 7, 64});
  CHECK(rows[8].parameters == 1290);
  const auto names = make_network<float>({"cnn", {}, 0}, {28, 28, 1}, 10).tensors();
  REQUIRE(names.size() == 8);
  CHECK(names[0].name == "0.conv2d.weights");
  CHECK(names[0].extents == std::vector<std::ptrdiff_t>{32, 5, 5, 1});
  CHECK(names[7].name == "8.dense.biases");
  CHECK(!names[7].decays);
}

TEST_CASE("the shapes and names of a network over tokens") {
  const auto options = of_layers({embedding(50, 8), with_sequence(units("gru", 6)),
                                  of("layer_norm"), dropout(0.1), units("gru", 5)});
  const auto rows = describe(options, {3, 1, 4}, 2);
  REQUIRE(rows.size() == 6);
  CHECK(rows[0].output == shape{12, 1, 8});
  CHECK(rows[0].parameters == 400);
  CHECK(rows[1].output == shape{12, 1, 6});
  CHECK(rows[1].parameters == 3 * 6 * (8 + 6 + 2));
  CHECK(rows[2].parameters == 12);
  CHECK(rows[3].output == shape{12, 1, 6});
  CHECK(rows[4].output == flat(5));
  const auto names = make_network<float>(options, {3, 1, 4}, 2).tensors();
  REQUIRE(names.size() == 13);
  CHECK(names[0].name == "0.embedding.weights");
  CHECK(names[5].name == "2.layer_norm.scales");
  CHECK(!names[5].decays);
  CHECK(!names[6].decays);
  CHECK(names[7].name == "4.gru.input_weights");
}

TEST_CASE("tokens that are none show in the loss") {
  auto tested = make_network<float>(of_layers({embedding(5, 3), units("gru", 4)}), flat(3), 2);
  std::vector<float> w(tested.parameter_count());
  tested.initialise(w, generator(1, "start"));
  std::vector<float> gradient(w.size());
  const std::vector<std::int32_t> labels = {1};
  const auto loss = [&](float token) {
    const std::vector<float> x = {0, token, 4};
    return tested.loss_and_gradient(w, {x.data(), 3, 1}, {labels, {}, {}}, {true, 1}, gradient);
  };
  CHECK(std::isfinite(loss(3)));
  CHECK(std::isnan(loss(5)));
  CHECK(std::isnan(loss(-1)));
  CHECK(std::isnan(loss(0.5F)));
}

TEST_CASE("a linear model of numbers learns a line, and its errors are summed") {
  const auto tested = make_model({"softmax", {}, 0}, flat(1), 0);
  minibatch batch;
  batch.features.resize(1, 5);
  batch.features << -2, -1, 0, 1, 2;
  batch.values = {-3, -1, 1, 3, 5}; // 2 x + 1
  std::vector<float> w(2);
  std::vector<float> gradient(2);
  CHECK(tested->evaluate(w, batch).squared_error == doctest::Approx(45));
  CHECK(tested->evaluate(w, batch).absolute_error == doctest::Approx(13));
  for (int i = 0; i < 200; ++i) {
    tested->loss_and_gradient(w, batch, gradient);
    for (std::size_t k = 0; k < 2; ++k)
      w[k] -= 0.2F * gradient[k];
  }
  CHECK(w[0] == doctest::Approx(2));
  CHECK(w[1] == doctest::Approx(1));
  Eigen::MatrixXf outputs;
  tested->predict(w, batch.features, outputs);
  CHECK(outputs(0, 4) == doctest::Approx(5));
}

TEST_CASE("dropout is off in evaluation and predictions; a step's draw decides what drops") {
  auto options = of_layers({dropout(0.5), units("dense", 16), of("relu"), dropout(0.5)});
  options.weight_decay = 0;
  const auto tested = make_model(options, flat(12), 3);
  auto plain = options;
  for (auto& x : plain.layers)
    x.rate = 0;
  const auto without = make_model(plain, flat(12), 3);
  generator random(1, "samples");
  minibatch batch;
  batch.features = random_numbers<float>(12, 40, random);
  batch.labels.resize(40, 2);
  std::vector<float> w(tested->parameter_count());
  tested->initialise(w, generator(1, "start"));
  std::vector<float> gradient(w.size());
  std::vector<float> again(w.size());
  const auto loss_with = [&](std::uint64_t draw, std::vector<float>& into) {
    batch.draw = draw;
    return tested->loss_and_gradient(w, batch, into);
  };
  const auto first = loss_with(5, gradient);
  CHECK(tested->evaluate(w, batch).loss == without->evaluate(w, batch).loss);
  Eigen::MatrixXf outputs;
  Eigen::MatrixXf expected;
  tested->predict(w, batch.features, outputs);
  without->predict(w, batch.features, expected);
  CHECK(outputs == expected);
  CHECK(loss_with(5, again) == first);
  CHECK(again == gradient);
  CHECK(loss_with(6, again) != first);
}
