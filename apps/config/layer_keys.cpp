#include "apps/config/layer_keys.hpp"

#include "apps/config/config_parts.hpp"
#include "learning/layers/make_layer.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace adsp::apps {

namespace {

using options = learning::layer_options;

constexpr bounds units_of_a_layer{1, 65536};
constexpr bounds pixels{0, 4096};
constexpr bounds not_negative{0, 1e6};

void read_value(table_reader& t, const layer_key& key, options& x) {
  if (const auto* whole = std::get_if<std::uint32_t options::*>(&key.member))
    t.whole(key.name, x.**whole, key.limits);
  else if (const auto* sign = std::get_if<std::int32_t options::*>(&key.member))
    t.whole(key.name, x.**sign, key.limits);
  else if (const auto* number = std::get_if<double options::*>(&key.member))
    t.number(key.name, x.**number, key.limits);
  else if (const auto* flag = std::get_if<bool options::*>(&key.member))
    t.flag(key.name, x.**flag);
  else if (const auto i = t.choice(key.name, {"he", "glorot", "truncated_normal"}))
    x.initialiser = std::vector{"he", "glorot", "truncated_normal"}[*i];
}

void refuse_unread(table_reader& t, const layer_key& key, const options& layer) {
  t.expect(key.name);
  if (!t.has(key.name))
    return;
  if (std::ranges::find(key.kinds, layer.kind) != key.kinds.end())
    t.complain(key.name, fmt::format("is not read by this layer's initialiser; \"{}\" does",
                                     key.initialiser));
  else
    t.complain(key.name,
               fmt::format("a layer of kind \"{}\" does not read it; {} {}", layer.kind,
                           fmt::join(key.kinds, ", "), key.kinds.size() == 1 ? "does" : "do"));
}

} // namespace

std::span<const layer_key> layer_keys() {
  static const std::vector<layer_key> keys = {
      {"vocabulary", {"embedding"}, &options::vocabulary, {1, 16777216}, true},
      {"units", {"dense", "lstm", "gru", "embedding"}, &options::units, units_of_a_layer, true},
      {"filters", {"conv2d"}, &options::filters, units_of_a_layer, true},
      {"kernel", {"conv2d", "max_pool", "average_pool"}, &options::kernel, {1, 4096}, true},
      {"stride", {"conv2d", "max_pool", "average_pool"}, &options::stride, pixels},
      {"padding", {"conv2d", "max_pool", "average_pool"}, &options::padding, {-1, 4096}},
      {"depth", {"local_response_norm"}, &options::depth, {1, 65535}},
      {"alpha", {"local_response_norm"}, &options::alpha, not_negative},
      {"beta", {"local_response_norm"}, &options::beta, not_negative},
      {"bias", {"local_response_norm"}, &options::bias, positive},
      {"sequence", {"lstm", "gru"}, &options::sequence},
      {"rate", {"dropout"}, &options::rate, {0, 1, false, true}},
      {"initialiser", {"dense", "conv2d"}, &options::initialiser},
      {"deviation",
       {"dense", "conv2d"},
       &options::deviation,
       positive,
       false,
       "truncated_normal"}, // after the initialiser, which says whether it is read
  };
  return keys;
}

bool reads(const options& layer, const layer_key& x) {
  return std::ranges::find(x.kinds, layer.kind) != x.kinds.end() &&
         (x.initialiser.empty() || x.initialiser == layer.initialiser);
}

void read_layer(table_reader& t, learning::layer_options& x) {
  const auto& kinds = learning::layer_kinds();
  const auto kind = t.choice("kind", kinds);
  if (!kind && !t.has("kind"))
    t.complain("kind", fmt::format("a layer needs it, expected one of {}", fmt::join(kinds, ", ")));
  if (kind)
    x.kind = kinds[*kind];
  for (const auto& key : layer_keys())
    if (!kind) {
      t.expect(key.name); // what it means depends on the kind
    } else if (!reads(x, key)) {
      refuse_unread(t, key, x);
    } else {
      read_value(t, key, x);
      if (key.needed && !t.has(key.name))
        t.complain(key.name, fmt::format("a layer of kind \"{}\" needs it", x.kind));
    }
  if (x.depth % 2 == 0)
    t.complain("depth", fmt::format("found {}, expected an odd number: the channel itself and as "
                                    "many on either side",
                                    x.depth));
}

} // namespace adsp::apps
