// Only [data] and [model], as a model file stores them.
#pragma once

#include "learning/data/data_options.hpp"
#include "learning/models/model_options.hpp"

#include <array>
#include <string>
#include <string_view>

namespace adsp::apps {

/// The first bytes of a model file.
inline constexpr std::array<char, 8> model_magic{'a', 'd', 's', 'p', 'm', 'o', 'd', 'l'};

/// A model's structure and the data it was trained on.
struct model_settings {
  learning::data_options data;
  learning::model_options model;
};

/// Both tables as TOML, with every key that is read.
std::string to_toml(const model_settings& settings);

/// Reads the tables back. A missing key has its default, so that models older than the key can be
/// read; an unknown key is refused. Throws std::runtime_error with the first mistake.
model_settings settings_from(std::string_view text);

} // namespace adsp::apps
