// Model files of version 4, which are still read but no longer written.
#pragma once

#include "apps/model/model_file.hpp"

#include <string>

namespace adsp::apps {

/// The model in a payload whose checksum has been verified. Throws cereal::Exception if it is
/// damaged nevertheless.
saved_model read_version4(const std::string& payload);

} // namespace adsp::apps
