// What presets and lists of layers become: initialisers by what follows, and data that a list can
// take.
#include "learning/data_error.hpp"
#include "learning/models/layer_lists.hpp"
#include "learning/models/tokens.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <string>

using namespace adsp::learning;

namespace {

model_options list_of(const std::vector<std::string>& kinds) {
  model_options x;
  x.kind = "layers";
  for (const auto& kind : kinds) {
    layer_options each;
    each.kind = kind;
    each.units = 4;
    each.vocabulary = 5;
    x.layers.push_back(each);
  }
  return x;
}

std::string first_initialiser(const std::vector<std::string>& kinds) {
  return all_layers(list_of(kinds), 3).front().initialiser;
}

/// Two samples of three tokens each; the last one is `last`.
train_and_test tokens_ending_with(float last) {
  train_and_test data;
  data.train.features = Eigen::MatrixXf::Zero(3, 2);
  data.train.features << 0, 4, 1, 2, 3, 0;
  data.test = data.train;
  data.test.features(2, 1) = last;
  return data;
}

std::string complaint(float last, const model_options& x) {
  try {
    check_tokens(x, {}, tokens_ending_with(last));
  } catch (const data_error& error) {
    return error.what();
  }
  return "";
}

} // namespace

TEST_CASE("weights before a ReLU start as He says, whatever keeps the scale between them") {
  CHECK(first_initialiser({"dense", "relu"}) == "he");
  CHECK(first_initialiser({"dense", "layer_norm", "relu"}) == "he");
  CHECK(first_initialiser({"dense", "layer_norm", "dropout", "relu"}) == "he");
  CHECK(first_initialiser({"conv2d", "local_response_norm", "max_pool", "relu"}) == "he");
  CHECK(first_initialiser({"dense", "tanh"}) == "glorot");
  CHECK(first_initialiser({"dense", "dropout", "tanh", "relu"}) == "glorot");
  CHECK(first_initialiser({"dense"}) == "glorot");
}

TEST_CASE("data for an embedding are whole numbers of its vocabulary") {
  const auto words = list_of({"embedding", "gru"});
  CHECK(complaint(4, words).empty());
  CHECK(complaint(5, words) ==
        "sample 2 of the test data: number 3 is 5.000000, expected a token for the embedding, a "
        "whole number from 0 to 4; tokens need data.scale = \"none\"");
  for (float wrong : {-1.0F, 0.5F, std::numeric_limits<float>::quiet_NaN(),
                      std::numeric_limits<float>::infinity()})
    CHECK_FALSE(complaint(wrong, words).empty());
  CHECK(complaint(0.5F, list_of({"dense", "relu"})).empty());
}
