// Writes values as TOML.
#pragma once

#include <string>
#include <vector>

namespace adsp::apps {

/// TOML tells 1 from 1.0: a number that may have a fraction is written with one.
std::string toml_number(double value);

/// A basic string, in which all but plain characters are escaped.
std::string toml_text(const std::string& value);

/// "[a, b]" from values that are TOML already.
std::string toml_list(const std::vector<std::string>& values);

} // namespace adsp::apps
