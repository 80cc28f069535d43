// The tables of layers and their keys say the same: every key that a kind reads is described, has a
// default that is allowed, and is read by some kind.
#include "learning/layers/layer_keys.hpp"
#include "learning/layers/make_layer.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <limits>
#include <set>

using namespace adsp::learning;

namespace {

const layer_key& key_of(std::string_view name) {
  const auto at = std::ranges::find(layer_keys(), name, &layer_key::name);
  REQUIRE(at != layer_keys().end());
  return *at;
}

} // namespace

TEST_CASE("every kind of layer reads keys that there are, each once") {
  std::set<std::string_view> read;
  for (const auto& kind : layer_kinds()) {
    CAPTURE(kind.name);
    CHECK(find_layer_kind(kind.name) == &kind);
    std::set<std::string_view> own(kind.needs.begin(), kind.needs.end());
    own.insert(kind.takes.begin(), kind.takes.end());
    CHECK(own.size() == kind.needs.size() + kind.takes.size());
    for (const auto name : own) {
      CAPTURE(name);
      CHECK(kind.reads(name));
      CHECK(!key_of(name).sentence.empty());
    }
    for (const auto name : kind.takes) {
      CAPTURE(name);
      CHECK(mistake_in(key_of(name), layer_options{}) == "");
    }
    read.insert(own.begin(), own.end());
  }
  CHECK(read.size() == layer_keys().size());
  CHECK(find_layer_kind("pool") == nullptr);
}

TEST_CASE("a number beyond its limits is named with them") {
  layer_options x;
  x.rate = 1;
  CHECK(mistake_in(key_of("rate"), x) == "rate is 1, expected at least 0 and below 1");
  x.rate = std::numeric_limits<double>::quiet_NaN();
  CHECK(mistake_in(key_of("rate"), x).find("rate is nan, expected") == 0);
  x.bias = 0;
  CHECK(mistake_in(key_of("bias"), x) == "bias is 0, expected above 0");
  x.depth = 4;
  CHECK(mistake_in(key_of("depth"), x) ==
        "depth is 4, expected at least 1 and at most 65535, an odd number");
  x.padding = -2;
  CHECK(mistake_in(key_of("padding"), x) == "padding is -2, expected at least -1 and at most 4096");
  CHECK(mistake_in(key_of("sequence"), x) == "");
  CHECK(mistake_in(key_of("initialiser"), x) == "");
}
