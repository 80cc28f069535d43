// Networks that cannot be: what does not fit is named, with what it takes and gets.
#include "learning/models/make_network.hpp"
#include "tests/learning/layers/listed_layers.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <stdexcept>

using namespace adsp::learning;

namespace {

std::string error_of(const model_options& x, const shape& input, std::int32_t classes = 10) try {
  make_network<float>(x, input, classes);
  return {};
} catch (const std::invalid_argument& error) {
  return error.what();
}

} // namespace

TEST_CASE("a layer that does not fit is named, with what it takes and gets") {
  CHECK(error_of(of_layers(
                     {of("relu"), window("max_pool", 9), of("relu"), window("conv2d", 5, 3, 1, 0)}),
                 {28, 28, 64}) ==
        "layer 3 (conv2d): a kernel of 5 x 5 does not fit an input of 3 x 3 x 64; "
        "the data's samples are 28 x 28 x 64");
  CHECK(error_of({"cnn", {}, 0}, flat(784)) ==
        "layer 0 (conv2d): a kernel of 5 x 5 takes an image, "
        "and gets 784 numbers without height and width");
  CHECK(error_of(of_layers({units("dense", 0)}), flat(4)) ==
        "layer 0 (dense): units is 0, expected at least 1 and at most 65536");
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

TEST_CASE("layers in the wrong order: images and series do not come out of dense layers") {
  CHECK(error_of(of_layers({units("dense", 12), window("max_pool", 2)}), {8, 8, 1}) ==
        "layer 1 (max_pool): a kernel of 2 x 2 takes an image, and gets 12 numbers without height "
        "and width; the data's samples are 8 x 8 x 1");
  CHECK(error_of(of_layers({window("average_pool", 5, 0, 1, 1)}), {2, 9, 3}) ==
        "layer 0 (average_pool): a kernel of 5 x 5 does not fit an input of 2 x 9 x 3 with a "
        "padding of 1");
  for (const auto* kind : {"lstm", "gru"}) {
    CAPTURE(kind);
    CHECK(error_of(of_layers({units(kind, 4), units(kind, 3)}), {7, 1, 1}) ==
          "layer 1 (" + std::string{kind} +
              "): it takes a series of steps x 1 x numbers, and gets 4 numbers without steps; an "
              "lstm or gru before it needs sequence = true; the data's samples are 7 x 1 x 1");
    CHECK(error_of(of_layers({with_sequence(units(kind, 4)), units(kind, 3)}), {7, 1, 1}).empty());
    CHECK(error_of(of_layers({with_sequence(units(kind, 4)), units(kind, 3)}), {1, 1, 1}).empty());
    CHECK(error_of(of_layers({embedding(5, 4), units(kind, 3)}), flat(1)).empty());
  }
}

TEST_CASE(
    "a dropout's rate, an embedding's place and vocabulary, and a norm's numbers are checked") {
  const auto nan = std::numeric_limits<double>::quiet_NaN();
  for (auto rate : {-0.1, 1.0, nan})
    CHECK(error_of(of_layers({dropout(rate)}), flat(4)).find("layer 0 (dropout): rate is") == 0);
  CHECK(error_of(of_layers({dropout(0)}), flat(4)).empty());
  CHECK(error_of(of_layers({embedding(0, 3)}), flat(4)) ==
        "layer 0 (embedding): vocabulary is 0, expected at least 1 and at most 16777216");
  CHECK(error_of(of_layers({embedding(16'777'217, 3)}), flat(4)).find("vocabulary") !=
        std::string::npos);
  CHECK(error_of(of_layers({embedding(5, 0)}), flat(4)) ==
        "layer 0 (embedding): units is 0, expected at least 1 and at most 65536");
  CHECK(error_of(of_layers({of("tanh"), embedding(5, 3)}), flat(4))
            .find("layer 1 (embedding): tokens are") == 0);
  CHECK(error_of(of_layers({units("gru", 0)}), {4, 1, 1}) ==
        "layer 0 (gru): units is 0, expected at least 1 and at most 65536");
  for (auto wrong : {nan, std::numeric_limits<double>::infinity(), -1.0}) {
    auto norm = of("local_response_norm");
    norm.alpha = wrong;
    CHECK(error_of(of_layers({norm}), {2, 2, 3}).find("layer 0 (local_response_norm): alpha is ") ==
          0);
  }
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

TEST_CASE("a step that no memory holds is refused; the layer that takes most is named") {
  const auto error_with = [](const model_options& x, const shape& input, std::uint32_t batch) {
    try {
      check_step_memory(x, input, 10, batch);
    } catch (const std::invalid_argument& error) {
      return std::string{error.what()};
    }
    return std::string{};
  };
  const shape image{28, 28, 1};
  CHECK(error_with({"cnn", {}, 0}, image, 4096).empty());
  const auto large = error_with({"cnn", {}, 0}, image, 1'000'000);
  CHECK(large.find("layer 0 (conv2d): a step of optimizer.batch_size = 1000000 samples takes ") ==
        0);
  CHECK(large.find("expected at most 4096 MiB; lower optimizer.batch_size or") !=
        std::string::npos);
  CHECK(error_with({"mlp", {32, 65536}, 0}, flat(4), 50'000).find("layer 2 (dense)") == 0);
  CHECK(error_with({"mlp", {65536}, 0}, flat(4), 50'000).find("model.hidden") != std::string::npos);
  CHECK(error_with(of_layers({with_sequence(units("gru", 64))}), {1000, 1, 1}, 20'000)
            .find("layer 0 (gru)") == 0);
  CHECK(error_with({"softmax", {}, 0}, flat(10'000), 1'000'000).find("a step of optimizer.batch") ==
        0);
  CHECK(error_with({"quadratic", {}, 0}, flat(1'000'000), 1'000'000).find("a step of") == 0);
  CHECK(error_with({"quadratic", {}, 0}, flat(16), 1'000'000).empty());
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
