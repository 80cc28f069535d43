// The payload of model files of version 5: named parts.
//
//   settings     [data] and [model] as a config has them, TOML
//   trained      input, classes, steps, loss, accuracy, TOML
//   prepared     what was fitted to the data, Cereal: columns, categories, classes
//   tensor NAME  a tensor of the parameters, one after the other
#pragma once

#include "apps/model/model_file.hpp"

#include <string>
#include <string_view>

namespace adsp::apps {

/// Throws std::runtime_error if the tensors do not match the parameters.
std::string version5_of(const saved_model& saved);

/// Throws std::exception if the payload is damaged.
saved_model read_version5(std::string_view payload);

} // namespace adsp::apps
