// The keys of a [[model.layer]] table: which kinds read which, and within what limits. Reader and
// writer share them.
#pragma once

#include "apps/config/table_reader.hpp"

#include "learning/layers/layer_options.hpp"

#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace adsp::apps {

struct layer_key {
  using options = learning::layer_options;

  std::string_view name;
  std::vector<std::string_view> kinds; ///< that read it
  std::variant<std::uint32_t options::*, std::int32_t options::*, double options::*,
               bool options::*, std::string options::*>
      member;
  bounds limits = {};
  bool needed = false;
  std::string_view initialiser = {}; ///< the only one that reads it; empty: any
};

std::span<const layer_key> layer_keys();

/// Whether the layer reads the key; its kind and initialiser, which stand before the others, are
/// known.
bool reads(const learning::layer_options& layer, const layer_key& x);

/// Reads one table of the list.
void read_layer(table_reader& t, learning::layer_options& x);

} // namespace adsp::apps
