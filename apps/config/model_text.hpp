// [data] and [model] alone, as a model file keeps them.
#pragma once

#include "learning/data/data_options.hpp"
#include "learning/models/model_options.hpp"

#include <string>
#include <string_view>

namespace adsp::apps {

/// What a model is and what it was trained on.
struct model_settings {
  learning::data_options data;
  learning::model_options model;
};

/// Both tables as TOML, every key that is read written out.
std::string to_toml(const model_settings& settings);

/// Reads the tables back. A key that is not there has its default, so that a model can be read that
/// is older than the key; one that is unknown is refused. Throws std::runtime_error with the first
/// mistake.
model_settings settings_from(std::string_view text);

} // namespace adsp::apps
