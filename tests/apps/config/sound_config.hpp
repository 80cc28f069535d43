// A sound config, and the mistakes of what a test adds to it.
#pragma once

#include "apps/config/config.hpp"

#include <string>
#include <vector>

namespace adsp::apps {

inline const std::string good = R"([job]
name = "x"
max_time = "20min"
[sync]
policy = "ssp"
[[workers]]
count = 2
step_seconds = "50ms"
bandwidth = "20Mbit"
)";

/// The errors of `good` with `line` added at the end, one a line.
inline std::string errors_with(const std::string& line,
                               const std::vector<std::string>& overrides = {}) {
  std::string all;
  for (const auto& error : parse_config(good + line, "x.toml", overrides).errors)
    all += to_string(error) + "\n";
  return all;
}

} // namespace adsp::apps
