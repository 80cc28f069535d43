// Lists of layers in configs: they come back as they were, and a mistake names its place in the
// list.
#include "apps/config/config.hpp"
#include "tests/apps/config/sound_config.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace adsp;
using namespace adsp::apps;

TEST_CASE("a model is a list of layers; the resolved config gives it back") {
  const std::string list = R"([model]
kind = "layers"
loss = "crammer_singer"
[[model.layer]]
kind = "conv2d"
filters = 8
kernel = 3
initialiser = "truncated_normal"
deviation = 0.05
[[model.layer]]
kind = "relu"
[[model.layer]]
kind = "lstm"
units = 5
sequence = true
)";
  const auto read = parse_config(good + list, "x.toml", {});
  REQUIRE(read.errors.empty());
  const auto& layers = read.value.model.layers;
  REQUIRE(layers.size() == 3);
  CHECK(layers[0].filters == 8);
  CHECK(layers[0].padding == -1);
  CHECK(layers[0].deviation == 0.05);
  CHECK(layers[1].kind == "relu");
  CHECK(layers[2].sequence);
  const auto again = parse_config(to_toml(read.value), "y.toml", {});
  REQUIRE(again.errors.empty());
  CHECK(again.value.model.loss == "crammer_singer");
  CHECK(again.value.model.layers[0].initialiser == "truncated_normal");
  CHECK(to_toml(again.value) == to_toml(read.value));
}

TEST_CASE("layers over tokens come back as they were, and their data must hold tokens") {
  const std::string list = R"([model]
kind = "layers"
[[model.layer]]
kind = "embedding"
vocabulary = 5000
units = 16
[[model.layer]]
kind = "gru"
units = 8
sequence = true
[[model.layer]]
kind = "layer_norm"
[[model.layer]]
kind = "dropout"
rate = 0.25
)";
  const std::string data = "[data]\nsource = 'series'\npath = 'words'\nscale = 'none'\n";
  const auto read = parse_config(good + data + list, "x.toml", {});
  REQUIRE(read.errors.empty());
  const auto again = parse_config(to_toml(read.value), "y.toml", {});
  REQUIRE(again.errors.empty());
  const auto& layers = again.value.model.layers;
  REQUIRE(layers.size() == 4);
  CHECK(layers[0].vocabulary == 5000);
  CHECK(layers[0].units == 16);
  CHECK(layers[1].kind == "gru");
  CHECK(layers[1].sequence);
  CHECK(layers[2].kind == "layer_norm");
  CHECK(layers[3].rate == 0.25);
  CHECK(to_toml(again.value) == to_toml(read.value));
  CHECK(errors_with(list).find("data.source: found \"fashion-mnist\", which has no tokens") !=
        std::string::npos);
  const auto scaled = errors_with(data + list, {"data.scale='minmax'"});
  CHECK(scaled.find("data.scale: found \"minmax\", expected \"none\"") != std::string::npos);
  CHECK(std::count(scaled.begin(), scaled.end(), '\n') == 1);
}

TEST_CASE("a mistake in a layer names its place in the list") {
  const auto errors = [](const std::string& layer) {
    return errors_with("[model]\nkind = \"layers\"\n[[model.layer]]\n" + layer);
  };
  CHECK(errors("kind = \"dense\"\n")
            .find("model.layer[0].units: a layer of kind \"dense\" needs it") != std::string::npos);
  CHECK(errors("kind = \"relu\"\nunits = 3\n").find("dense, lstm, gru, embedding do") !=
        std::string::npos);
  CHECK(errors("units = 3\n").find("model.layer[0].kind") != std::string::npos);
  CHECK(errors("kind = \"conv3d\"\n").find("expected one of dense, conv2d") != std::string::npos);
  CHECK(errors("kind = \"local_response_norm\"\ndepth = 4\n").find("an odd number") !=
        std::string::npos);
  CHECK(errors("kind = \"embedding\"\nunits = 3\n").find("model.layer[0].vocabulary") !=
        std::string::npos);
  CHECK(errors("kind = \"dropout\"\nrate = 1\n").find("model.layer[0].rate") != std::string::npos);
  CHECK(errors("kind = \"dense\"\nunits = 0\n").find("at least 1") != std::string::npos);
  CHECK(errors_with("[model]\nkind = \"layers\"\n").find("model.layer") != std::string::npos);
  CHECK(errors_with("[model]\nkind = \"mlp\"\n[[model.layer]]\nkind = \"relu\"\n")
            .find("model.layer: is not read by model.kind = \"mlp\"; \"layers\" does") !=
        std::string::npos);
}
