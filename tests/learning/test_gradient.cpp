// Loss and gradient against a plain reference in double precision and its central differences.
#include "learning/model.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

using namespace adsp::learning;

namespace {

using widths = std::vector<std::size_t>;

struct problem {
  widths layers; ///< features, hidden units, classes
  double weight_decay = 0;
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
  options.kind = x.layers.size() == 2 ? "softmax" : "mlp";
  options.hidden.assign(x.layers.begin() + 1, x.layers.end() - 1);
  options.weight_decay = x.weight_decay;
  return make_model(options, x.layers.front(), static_cast<std::int32_t>(x.layers.back()));
}

/// Loss of one sample, with loops over the documented layout: by layer, each unit's weights,
/// biases.
double sample_loss(const widths& layers, const std::vector<double>& w, std::vector<double> input,
                   std::int32_t label) {
  std::size_t at = 0;
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
  double sum = 0;
  for (auto logit : input)
    sum += std::exp(logit);
  return std::log(sum) - input[static_cast<std::size_t>(label)];
}

double reference_loss(const problem& x, const std::vector<double>& w, const minibatch& batch) {
  double result = 0;
  for (Eigen::Index i = 0; i < batch.features.cols(); ++i) {
    std::vector<double> input(x.layers.front());
    for (std::size_t row = 0; row < input.size(); ++row)
      input[row] = batch.features(static_cast<Eigen::Index>(row), i);
    result += sample_loss(x.layers, w, input, batch.labels[static_cast<std::size_t>(i)]) /
              static_cast<double>(batch.features.cols());
  }
  std::size_t at = 0;
  for (std::size_t layer = 0; layer + 1 < x.layers.size(); ++layer) {
    for (auto end = at + x.layers[layer] * x.layers[layer + 1]; at < end; ++at)
      result += x.weight_decay / 2 * w[at] * w[at];
    at += x.layers[layer + 1];
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
