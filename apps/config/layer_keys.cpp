#include "apps/config/layer_keys.hpp"

#include "learning/layers/make_layer.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

namespace adsp::apps {

namespace {

using options = learning::layer_options;
using learning::layer_key;

std::vector<std::string> strings(const std::vector<std::string_view>& words) {
  return {words.begin(), words.end()};
}

bounds limits(const layer_key& key) {
  return {key.low, std::min(key.high, bounds{}.high), key.open_low, key.open_high};
}

void read_value(table_reader& t, const layer_key& key, options& chosen) {
  if (const auto* whole = std::get_if<std::uint32_t options::*>(&key.member))
    t.whole(key.name, chosen.**whole, limits(key));
  else if (const auto* sign = std::get_if<std::int32_t options::*>(&key.member))
    t.whole(key.name, chosen.**sign, limits(key));
  else if (const auto* number = std::get_if<double options::*>(&key.member))
    t.number(key.name, chosen.**number, limits(key));
  else if (const auto* flag = std::get_if<bool options::*>(&key.member))
    t.flag(key.name, chosen.**flag);
  else if (const auto* text = std::get_if<std::string options::*>(&key.member))
    if (const auto i = t.choice(key.name, strings(key.words)))
      chosen.** text = key.words[*i];
  if (const auto mistake = learning::mistake_in(key, chosen); !mistake.empty() && t.sound(key.name))
    t.complain(key.name, mistake); // such as an even number instead of an odd one
}

void refuse_unread(table_reader& t, const layer_key& key, const options& layer) {
  t.expect(key.name);
  if (!t.has(key.name))
    return;
  std::vector<std::string_view> readers;
  for (const auto& kind : learning::layer_kinds())
    if (kind.reads(key.name))
      readers.push_back(kind.name);
  if (std::ranges::find(readers, layer.kind) != readers.end())
    t.complain(key.name, fmt::format("is not read by this layer's initialiser; \"{}\" does",
                                     key.initialiser));
  else
    t.complain(key.name,
               fmt::format("a layer of kind \"{}\" does not read it; {} {}", layer.kind,
                           fmt::join(readers, ", "), readers.size() == 1 ? "does" : "do"));
}

} // namespace

bool reads(const options& layer, const layer_key& key) {
  const auto* kind = learning::find_layer_kind(layer.kind);
  return kind != nullptr && kind->reads(key.name) &&
         (key.initialiser.empty() || key.initialiser == layer.initialiser);
}

void read_layer(table_reader& t, options& chosen) {
  std::vector<std::string> names;
  for (const auto& kind : learning::layer_kinds())
    names.emplace_back(kind.name);
  if (const auto i = t.choice("kind", names))
    chosen.kind = names[*i];
  else if (!t.has("kind"))
    t.complain("kind", fmt::format("a layer needs it, expected one of {}", fmt::join(names, ", ")));
  const auto* kind = learning::find_layer_kind(chosen.kind);
  for (const auto& key : learning::layer_keys()) {
    if (kind == nullptr) {
      t.expect(key.name); // what it means depends on the kind
      continue;
    }
    const bool needed = std::ranges::find(kind->needs, key.name) != kind->needs.end();
    if (!reads(chosen, key))
      refuse_unread(t, key, chosen);
    else if (needed && !t.has(key.name)) {
      t.expect(key.name);
      t.complain(key.name, fmt::format("a layer of kind \"{}\" needs it", chosen.kind));
    } else
      read_value(t, key, chosen);
  }
}

} // namespace adsp::apps
