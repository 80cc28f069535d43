// Loss and gradient against a plain reference in double precision and its central differences.
#include "learning/models/model.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

using namespace adsp::learning;

namespace {

using widths = std::vector<std::size_t>;

struct problem {
  widths layers; ///< features, hidden units, classes
  double weight_decay = 0;
  std::string kind = layers.size() == 2 ? "softmax" : "mlp";
};

minibatch random_batch(std::size_t features, std::size_t classes, std::size_t samples,
                       generator& random) {
  minibatch result;
  result.features.resize(static_cast<Eigen::Index>(features), static_cast<Eigen::Index>(samples));
  for (auto& x : result.features.reshaped())
    x = static_cast<float>(random.normal());
  for (std::size_t i = 0; i < samples; ++i)
    result.labels.push_back(static_cast<std::int32_t>(random.below(classes)));
  return result;
}

std::unique_ptr<model> make(const problem& x) {
  model_options options;
  options.kind = x.kind;
  options.hidden.assign(x.layers.begin() + 1, x.layers.end() - 1);
  options.weight_decay = x.weight_decay;
  return make_model(options, flat(static_cast<std::ptrdiff_t>(x.layers.front())),
                    static_cast<std::int32_t>(x.layers.back()));
}

/// Scores of the fully connected `layers` whose parameters start at `at`, with loops over the
/// documented layout: by layer, each unit's weights, biases.
std::vector<double> dense_scores(const widths& layers, const std::vector<double>& w, std::size_t at,
                                 std::vector<double> input) {
  for (std::size_t layer = 0; layer + 1 < layers.size(); ++layer) {
    auto weights = at;
    auto biases = at + layers[layer] * layers[layer + 1];
    at = biases + layers[layer + 1];
    std::vector<double> output(layers[layer + 1]);
    for (std::size_t unit = 0; unit < output.size(); ++unit) {
      output[unit] = w[biases + unit];
      for (std::size_t i = 0; i < input.size(); ++i)
        output[unit] += w[weights + unit * input.size() + i] * input[i];
      if (layer + 2 < layers.size())
        output[unit] = std::max(output[unit], 0.0);
    }
    input = output;
  }
  return input;
}

double sigmoid(double x) {
  return 1 / (1 + std::exp(-x));
}

/// The last hidden state of an LSTM whose parameters stand first in `w`: for each unit of the gates
/// i, f, g, o the weights of h(t-1) and of x(t), then all biases.
std::vector<double> lstm_state(std::size_t units, const std::vector<double>& w,
                               const std::vector<double>& values) {
  std::vector<double> hidden(units);
  std::vector<double> cell(units);
  for (auto value : values) {
    std::vector<double> z(4 * units);
    for (std::size_t unit = 0; unit < z.size(); ++unit) {
      const auto* weights = &w[unit * (units + 1)];
      z[unit] = w[4 * units * (units + 1) + unit] + weights[units] * value;
      for (std::size_t i = 0; i < units; ++i)
        z[unit] += weights[i] * hidden[i];
    }
    for (std::size_t i = 0; i < units; ++i) {
      cell[i] = sigmoid(z[units + i]) * cell[i] + sigmoid(z[i]) * std::tanh(z[2 * units + i]);
      hidden[i] = sigmoid(z[3 * units + i]) * std::tanh(cell[i]);
    }
  }
  return hidden;
}

double sample_loss(const problem& x, const std::vector<double>& w, const std::vector<double>& input,
                   std::size_t label) {
  std::vector<double> scores;
  if (x.kind == "lstm") {
    auto units = x.layers[1];
    scores = dense_scores({x.layers.begin() + 1, x.layers.end()}, w, 4 * units * (units + 2),
                          lstm_state(units, w, input));
  } else {
    scores = dense_scores(x.layers, w, 0, input);
  }
  double sum = 0;
  for (std::size_t c = 0; c < scores.size(); ++c)
    sum += x.kind == "linear_svm" ? std::max(0.0, 1 - (c == label ? scores[c] : -scores[c]))
                                  : std::exp(scores[c]);
  return x.kind == "linear_svm" ? sum : std::log(sum) - scores[label];
}

/// Pairs of inputs and outputs, in the order of the layers' parameters.
std::vector<std::pair<std::size_t, std::size_t>> shapes(const problem& x) {
  std::vector<std::pair<std::size_t, std::size_t>> result;
  for (std::size_t layer = 0; layer + 1 < x.layers.size(); ++layer)
    result.emplace_back(x.layers[layer], x.layers[layer + 1]);
  if (x.kind == "lstm")
    result.front() = {x.layers[1] + 1, 4 * x.layers[1]};
  return result;
}

double reference_loss(const problem& x, const std::vector<double>& w, const minibatch& batch) {
  double result = 0;
  for (Eigen::Index i = 0; i < batch.features.cols(); ++i) {
    std::vector<double> input(x.layers.front());
    for (std::size_t row = 0; row < input.size(); ++row)
      input[row] = batch.features(static_cast<Eigen::Index>(row), i);
    result += sample_loss(x, w, input,
                          static_cast<std::size_t>(batch.labels[static_cast<std::size_t>(i)])) /
              static_cast<double>(batch.features.cols());
  }
  std::size_t at = 0;
  for (auto [inputs, outputs] : shapes(x)) {
    for (auto end = at + inputs * outputs; at < end; ++at)
      result += x.weight_decay / 2 * w[at] * w[at];
    at += outputs;
  }
  return result;
}

/// |gradient - central differences| / |central differences|, after comparing the loss.
double relative_error(const problem& x, std::uint64_t seed) {
  constexpr double step = 1e-6; // in double: error about 1e-10, and a ReLU's kink is rarely met
  generator random(seed, "gradient");
  auto tested = make(x);
  std::vector<float> w(tested->parameter_count());
  // Moderate logits: a sample predicted with certainty has a gradient of rounding errors only.
  auto widest = *std::max_element(x.layers.begin(), x.layers.end());
  auto scale = std::min(0.3, 1 / std::sqrt(static_cast<double>(widest)));
  for (auto& value : w)
    value = static_cast<float>(scale * random.normal());
  auto batch = random_batch(x.layers.front(), x.layers.back(), 1 + random.below(9), random);
  std::vector<float> gradient(w.size(), 99.0F); // must be overwritten
  auto loss = tested->loss_and_gradient(w, batch, gradient);
  std::vector<double> exact(w.begin(), w.end());
  CHECK(loss == doctest::Approx(reference_loss(x, exact, batch)).epsilon(1e-5));
  double difference = 0;
  double norm = 0;
  for (std::size_t i = 0; i < w.size(); ++i) {
    exact[i] = w[i] + step;
    auto above = reference_loss(x, exact, batch);
    exact[i] = w[i] - step;
    auto below = reference_loss(x, exact, batch);
    exact[i] = w[i];
    auto slope = (above - below) / (2 * step);
    difference += (slope - gradient[i]) * (slope - gradient[i]);
    norm += slope * slope;
  }
  return std::sqrt(difference / norm);
}

} // namespace

TEST_CASE("gradients agree with central differences to 1e-5 of their norm") {
  for (const auto& layers : {widths{1, 2}, widths{7, 3}, widths{33, 10}, widths{5, 4, 3},
                             widths{12, 17, 10}, widths{6, 8, 5, 4}, widths{3, 1, 2}})
    for (auto weight_decay : {0.0, 0.1})
      for (std::uint64_t seed = 0; seed < 5; ++seed) {
        CAPTURE(layers.size());
        CAPTURE(layers.front());
        CAPTURE(weight_decay);
        CAPTURE(seed);
        CHECK(relative_error({layers, weight_decay}, seed) < 1e-5);
      }
}

TEST_CASE("so do those of a linear SVM") {
  for (const auto& layers : {widths{1, 2}, widths{7, 3}, widths{33, 10}})
    for (auto weight_decay : {0.0, 0.1})
      for (std::uint64_t seed = 0; seed < 5; ++seed) {
        CAPTURE(layers.front());
        CAPTURE(weight_decay);
        CAPTURE(seed);
        CHECK(relative_error({layers, weight_decay, "linear_svm"}, seed) < 1e-5);
      }
}

TEST_CASE("so do those of an LSTM, through its whole window and the layers above") {
  for (const auto& layers : {widths{1, 1, 2}, widths{4, 3, 3}, widths{10, 9, 10},
                             widths{2, 17, 5, 4}, widths{7, 5, 6, 3, 4}})
    for (auto weight_decay : {0.0, 0.1})
      for (std::uint64_t seed = 0; seed < 5; ++seed) {
        CAPTURE(layers.front());
        CAPTURE(layers[1]);
        CAPTURE(weight_decay);
        CAPTURE(seed);
        CHECK(relative_error({layers, weight_decay, "lstm"}, seed) < 1e-5);
      }
}

TEST_CASE("so do those of layers too wide for one panel of a product") {
  CHECK(relative_error({{520, 3}, 0.1}, 0) < 1e-5);
  CHECK(relative_error({{2, 515, 2}, 0.1}, 0) < 1e-5);
}

TEST_CASE("weight decay adds to the weights' gradient and spares the biases") {
  problem plain{{4, 3, 2}, 0};
  problem decayed{{4, 3, 2}, 0.5};
  generator random(3, "decay");
  auto batch = random_batch(4, 2, 6, random);
  std::vector<float> w(make(plain)->parameter_count());
  for (auto& value : w)
    value = static_cast<float>(random.normal());
  std::vector<float> without(w.size());
  std::vector<float> with(w.size());
  make(plain)->loss_and_gradient(w, batch, without);
  make(decayed)->loss_and_gradient(w, batch, with);
  for (std::size_t i = 0; i < w.size(); ++i) {
    CAPTURE(i);
    auto is_bias = (i >= 12 && i < 15) || i >= 21; // 12 weights, 3 biases, 6 weights, 2 biases
    CHECK(with[i] == doctest::Approx(is_bias ? without[i] : without[i] + 0.5F * w[i]));
    if (is_bias)
      CHECK(with[i] == without[i]);
  }
}
