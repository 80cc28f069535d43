// The keys of a [[model.layer]] table and the values that they may have. The reader and the writer
// of configs, the checks of `make_layer` and the documentation all come from this list.
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

/// One key. Which layers read it says `layer_kind`.
struct layer_key {
  std::string_view name;
  std::variant<std::uint32_t layer_options::*, std::int32_t layer_options::*,
               double layer_options::*, bool layer_options::*, std::string layer_options::*>
      member;
  std::string_view sentence; ///< for the documentation
  double low = 0;            ///< of a number
  double high = std::numeric_limits<double>::infinity();
  bool open_low = false;                    ///< whether `low` itself is too little
  bool open_high = false;                   ///< whether `high` itself is too much
  bool odd = false;                         ///< whether it must be an odd number
  std::vector<std::string_view> words = {}; ///< what a text may be
  std::string_view initialiser = {};        ///< the only one that reads it; empty: any
};

/// All keys but "kind". The initialiser stands before those that depend on it.
std::span<const layer_key> layer_keys();

/// What a number may be: "at least 0 and below 1".
std::string limits_of(const layer_key& key);

/// What is wrong with the value that `options` has for a number: "rate is 1, expected at least 0
/// and below 1"; empty: nothing.
std::string mistake_in(const layer_key& key, const layer_options& options);

} // namespace adsp::learning
