// Whole networks: gradients, names, memory in place, regression, and layers that do not fit.
#include "learning/make_network.hpp"
#include "tests/learning/layer_check.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

using namespace adsp::learning;

namespace {

layer_options of(const std::string& kind) {
  layer_options x;
  x.kind = kind;
  return x;
}

layer_options units(const std::string& kind, std::uint32_t n) {
  auto x = of(kind);
  x.units = n;
  return x;
}

layer_options window(const std::string& kind, std::uint32_t kernel, std::uint32_t filters = 0,
                     std::uint32_t stride = 0, std::int32_t padding = -1) {
  auto x = of(kind);
  x.kernel = kernel;
  x.filters = filters;
  x.stride = stride;
  x.padding = padding;
  return x;
}

layer_options with_sequence(layer_options x) {
  x.sequence = true;
  return x;
}

layer_options dropout(double rate) {
  auto x = of("dropout");
  x.rate = rate;
  return x;
}

layer_options embedding(std::uint32_t vocabulary, std::uint32_t n) {
  auto x = units("embedding", n);
  x.vocabulary = vocabulary;
  return x;
}

model_options of_layers(std::vector<layer_options> layers) {
  model_options x;
  x.kind = "layers";
  x.layers = std::move(layers);
  x.weight_decay = 0.01;
  return x;
}

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

/// |gradient - central differences| / |central differences|, at 150 of the parameters.
template <class Scalar>
double network_error(const subject& x, std::uint64_t seed) {
  generator random(seed, "network");
  auto tested = make_network<Scalar>(x.options, x.input, x.classes);
  auto exact = make_network<double>(x.options, x.input, x.classes);
  const auto samples = static_cast<std::ptrdiff_t>(1 + random.below(4));
  auto in = random_numbers<Scalar>(x.input.size(), samples, random);
  if (x.vocabulary > 0)
    for (auto& token : in.reshaped())
      token = static_cast<Scalar>(random.below(x.vocabulary));
  std::vector<std::int32_t> labels;
  std::vector<float> values;
  for (std::ptrdiff_t i = 0; i < samples; ++i)
    if (x.classes > 0)
      labels.push_back(
          static_cast<std::int32_t>(random.below(static_cast<std::uint64_t>(x.classes))));
    else
      values.push_back(static_cast<float>(random.normal()));
  const targets aims{labels, values, {}};
  std::vector<Scalar> w(tested.parameter_count());
  tested.initialise(w, generator(seed, "start"));
  for (auto& value : w)
    value += static_cast<Scalar>(0.05 * random.normal());
  std::vector<Scalar> gradient(w.size(), Scalar{99}); // must be overwritten
  const auto loss =
      tested.loss_and_gradient(w, {in.data(), in.rows(), samples}, aims, {true, 1}, gradient);
  std::vector<double> at(w.begin(), w.end());
  std::vector<double> ignored(at.size());
  const matrix<double> exact_in = in.template cast<double>();
  const auto value = [&] {
    return exact.loss_and_gradient(at, {exact_in.data(), exact_in.rows(), samples}, aims, {true, 1},
                                   ignored);
  };
  CHECK(loss == doctest::Approx(value()).epsilon(1e-4));
  double difference = 0;
  double norm = 0;
  for (int n = 0; n < 150; ++n) {
    const auto i = random.below(w.size());
    const auto here = at[i];
    at[i] = here + 1e-6;
    const auto above = value();
    at[i] = here - 1e-6;
    const auto below = value();
    at[i] = here;
    const auto slope = (above - below) / 2e-6;
    difference += (slope - gradient[i]) * (slope - gradient[i]);
    norm += slope * slope;
  }
  return std::sqrt(difference / norm);
}

std::string error_of(const model_options& x, const shape& input, std::int32_t classes = 10) try {
  make_network<float>(x, input, classes);
  return {};
} catch (const std::invalid_argument& error) {
  return error.what();
}

} // namespace

TEST_CASE("gradients of whole networks agree with central differences") {
  for (const auto& x : subjects())
    for (std::uint64_t seed = 0; seed < 3; ++seed) {
      CAPTURE(x.options.kind);
      CAPTURE(x.options.layers.size());
      CAPTURE(seed);
      CHECK(network_error<double>(x, seed) < 1e-6);
      CHECK(network_error<float>(x, seed) < 1e-3);
    }
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

TEST_CASE("a layer that does not fit is named, with what it takes and gets") {
  CHECK(error_of(of_layers(
                     {of("relu"), window("max_pool", 9), of("relu"), window("conv2d", 5, 3, 1, 0)}),
                 {28, 28, 64}) ==
        "layer 3 (conv2d): a kernel of 5 does not fit an input of 3 x 3 x 64; "
        "the data's samples are 28 x 28 x 64");
  CHECK(error_of({"cnn", {}, 0}, flat(784)) == "layer 0 (conv2d): a kernel of 5 takes an image, "
                                               "and gets 784 numbers without height and width");
  CHECK(error_of(of_layers({units("dense", 0)}), flat(4)) ==
        "layer 0 (dense): units is 0, expected at least 1");
  CHECK(error_of(of_layers({window("conv2d", 4, 1)}), {9, 9, 1})
            .find("layer 0 (conv2d): only an odd kernel") == 0);
  CHECK(error_of(of_layers({window("max_pool", 2, 0, 1, 2)}), {9, 9, 1})
            .find("layer 0 (max_pool): a padding of 2") == 0);
  CHECK(error_of(of_layers({of("pool")}), {9, 9, 1}) ==
        "layer 0 (pool): there is no such kind of layer");
  auto odd = units("dense", 3);
  odd.initialiser = "ones";
  CHECK(error_of(of_layers({odd}), flat(4)).find("layer 0 (dense): initialiser is \"ones\"") == 0);
}

TEST_CASE(
    "a dropout's rate, an embedding's place and vocabulary, and a norm's numbers are checked") {
  const auto nan = std::numeric_limits<double>::quiet_NaN();
  for (auto rate : {-0.1, 1.0, nan})
    CHECK(error_of(of_layers({dropout(rate)}), flat(4)).find("layer 0 (dropout): rate is") == 0);
  CHECK(error_of(of_layers({dropout(0)}), flat(4)).empty());
  CHECK(error_of(of_layers({embedding(0, 3)}), flat(4)) ==
        "layer 0 (embedding): vocabulary is 0, expected 1 to 16777216");
  CHECK(error_of(of_layers({embedding(16'777'217, 3)}), flat(4)).find("vocabulary") !=
        std::string::npos);
  CHECK(error_of(of_layers({embedding(5, 0)}), flat(4)) ==
        "layer 0 (embedding): units is 0, expected at least 1");
  CHECK(error_of(of_layers({of("tanh"), embedding(5, 3)}), flat(4))
            .find("layer 1 (embedding): tokens are") == 0);
  CHECK(error_of(of_layers({units("gru", 0)}), {4, 1, 1}) ==
        "layer 0 (gru): units is 0, expected at least 1");
  for (auto wrong : {nan, std::numeric_limits<double>::infinity(), -1.0}) {
    auto norm = of("local_response_norm");
    norm.alpha = wrong;
    CHECK(error_of(of_layers({norm}), {2, 2, 3}).find("layer 0 (local_response_norm): bias") == 0);
  }
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

TEST_CASE("sizes that would wrap are refused") {
  constexpr auto huge = 4'294'967'295U;
  CHECK(!error_of(of_layers({units("gru", huge)}), {4, 1, 1}).empty());
  CHECK(!error_of(of_layers({units("gru", 8192)}), {1 << 20, 1, 1}).empty());
  CHECK(!error_of(of_layers({embedding(16'777'216, huge)}), flat(4)).empty());
  CHECK(!error_of(of_layers({embedding(1, 1U << 20)}), flat(1 << 20)).empty());
  CHECK(!error_of(of_layers({units("dense", huge), units("dense", huge)}), flat(1)).empty());
  CHECK(!error_of(of_layers({window("conv2d", 3, huge)}), {9, 9, 1}).empty());
  CHECK(!error_of(of_layers({window("conv2d", huge, 1, 1, 2'147'483'647)}), {9, 9, 1}).empty());
  CHECK(!error_of(of_layers({window("max_pool", huge, 0, 1, 2'147'483'647)}), {9, 9, 1}).empty());
  CHECK(!error_of(of_layers({window("max_pool", 0)}), {9, 9, 1}).empty());
}

TEST_CASE("losses fit what is to be predicted") {
  model_options x{"softmax", {}, 0};
  CHECK(error_of(x, flat(4), 0).empty());
  CHECK(!error_of(x, flat(4), 1).empty());
  x.loss = "squared";
  CHECK(!error_of(x, flat(4), 2).empty());
  CHECK(error_of(x, flat(4), 0).empty());
  x.loss = "hinge";
  CHECK(!error_of(x, flat(4), 0).empty());
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
