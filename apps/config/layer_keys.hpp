// Reads and refuses keys of a [[model.layer]] table. The keys, their limits and the kinds that read
// them are in learning/layers/{layer_keys,make_layer}.hpp.
#pragma once

#include "apps/config/table_reader.hpp"

#include "learning/layers/layer_keys.hpp"

namespace adsp::apps {

/// Whether the layer reads the key; its kind and initialiser must be set already, which come before
/// the other keys.
bool reads(const learning::layer_options& layer, const learning::layer_key& key);

/// Reads one table of the list.
void read_layer(table_reader& t, learning::layer_options& x);

} // namespace adsp::apps
