// The parameters that a step reads are those of the vector that it is handed, and no copy of them.
#include "learning/models/model.hpp"
#include "learning/models/network.hpp"
#include "tests/learning/layers/layer_check.hpp"
#include "tests/learning/layers/listed_layers.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace adsp::learning;

namespace {

/// A layer of two parameters that says where it finds them.
struct watcher final : layer<float> {
  watcher() : layer(flat(2), flat(2)) {}

  std::vector<tensor> tensors() const override { return {{"weights", {2}, true}}; }
  void forward(std::span<const float> parameters, const_batch_view<float> input,
               batch_view<float> output, const pass&) override {
    forward_at = parameters.data();
    for (Eigen::Index i = 0; i < input.cols(); ++i)
      for (Eigen::Index k = 0; k < 2; ++k)
        output(k, i) = parameters[static_cast<std::size_t>(k)] * input(k, i);
  }
  void backward(std::span<const float> parameters, const_batch_view<float>, const_batch_view<float>,
                batch_view<float>, std::span<float> gradient, batch_view<float> passed) override {
    backward_at = parameters.data();
    gradient_at = gradient.data();
    std::fill(gradient.begin(), gradient.end(), 0.0F);
    if (passed.data())
      passed.setZero();
  }

  const float* forward_at = nullptr;
  const float* backward_at = nullptr;
  const float* gradient_at = nullptr;
};

} // namespace

TEST_CASE("layers read the parameters where they are, and write the gradient where it goes") {
  std::vector<named_layer<float>> layers;
  std::vector<watcher*> watchers;
  for (int i = 0; i < 3; ++i) {
    auto part = std::make_unique<watcher>();
    watchers.push_back(part.get());
    layers.push_back({"watcher", std::move(part)});
  }
  network<float> tested(std::move(layers), make_loss<float>("cross_entropy"), 0);
  std::vector<float> w{1, 2, 3, 4, 5, 6};
  std::vector<float> gradient(6);
  const matrix<float> x = matrix<float>::Ones(2, 3);
  const std::vector<std::int32_t> labels{0, 1, 0};
  for (int step = 0; step < 3; ++step) {
    tested.loss_and_gradient(w, {x.data(), 2, 3}, {labels, {}, {}}, {true, 1}, gradient);
    for (std::size_t i = 0; i < watchers.size(); ++i) {
      CHECK(watchers[i]->forward_at == w.data() + 2 * i);
      CHECK(watchers[i]->backward_at == w.data() + 2 * i);
      CHECK(watchers[i]->gradient_at == gradient.data() + 2 * i);
    }
  }
}

TEST_CASE("a parameter that changes where it is changes the next step") {
  const shape image{12, 12, 1};
  generator random(1, "images");
  minibatch batch;
  batch.features = random_numbers<float>(image.size(), 4, random);
  batch.labels = {0, 1, 2, 3};
  const auto recurrent = of_layers({with_sequence(units("gru", 5)), units("lstm", 4)});
  for (const auto& options : {model_options{"cnn", {}, 0}, {"mlp", {30}, 0}, recurrent}) {
    CAPTURE(options.kind);
    auto kept = make_model(options, image, 10);
    std::vector<float> w(kept->parameter_count());
    std::vector<float> gradient(w.size());
    auto expected = gradient;
    kept->initialise(w, generator(1, "model"));
    kept->loss_and_gradient(w, batch, gradient);
    for (auto& each : w)
      each *= 1.5F;
    const auto loss = kept->loss_and_gradient(w, batch, gradient);
    CHECK(loss == make_model(options, image, 10)->loss_and_gradient(w, batch, expected));
    CHECK(gradient == expected);
  }
}
