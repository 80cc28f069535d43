// The model files of version 4, which are read and no longer written.
#pragma once

#include "apps/model/model_file.hpp"

#include <string>

namespace adsp::apps {

/// The model of a payload whose checksum is right. Throws cereal::Exception where it is damaged
/// all the same.
saved_model read_version4(const std::string& payload);

} // namespace adsp::apps
