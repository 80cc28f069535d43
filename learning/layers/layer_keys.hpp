// The keys of a [[model.layer]] table and their valid values. The reader and the writer of configs,
// the checks of `make_layer` and the documentation all use this list.
#pragma once

#include "learning/layers/layer_options.hpp"

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace adsp::learning {

/// One key. `layer_kind` tells which layers read it.
struct layer_key {
  std::string_view name;
  std::variant<std::uint32_t layer_options::*, std::int32_t layer_options::*,
               double layer_options::*, bool layer_options::*, std::string layer_options::*>
      member;
  std::string_view sentence; ///< for the documentation
  double low = 0;            ///< of a number
  double high = std::numeric_limits<double>::infinity();
  bool open_low = false;                    ///< whether `low` itself is excluded
  bool open_high = false;                   ///< whether `high` itself is excluded
  bool odd = false;                         ///< whether it must be an odd number
  std::vector<std::string_view> words = {}; ///< the valid texts
  std::string_view initialiser = {};        ///< the only initialiser that reads the key; empty: any
};

/// All keys but "kind". The initialiser stands before those that depend on it.
std::span<const layer_key> layer_keys();

/// The valid range of a number, in words: "at least 0 and below 1".
std::string limits_of(const layer_key& key);

/// What is wrong with the number that `options` has for the key, such as "rate is 1, expected at
/// least 0 and below 1"; empty if it is valid.
std::string mistake_in(const layer_key& key, const layer_options& options);

} // namespace adsp::learning
