// Reads a config file, TOML, into a job, reporting every mistake; and writes it back.
#pragma once

#include "actors/plan/job.hpp"

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace adsp::apps {

/// One mistake.
struct config_error {
  std::string file;       ///< the path, or "--set"
  std::uint32_t line = 0; ///< from 1; 0: no line
  std::string key;        ///< key path, "workers[0].count"; empty for a syntax error
  std::string text;       ///< what was found, and what was expected
};

/// "configs/x.toml:12: workers[0].count: found -3, expected a whole number of at least 1"
std::string to_string(const config_error& error);

struct parsed {
  job value; ///< complete only without errors
  std::vector<config_error> errors;
  std::set<std::string> known; ///< every key that was looked for, "workers[0].count"
  /// Keys that are not read because another key was overridden, by the reason: "by sync.policy =
  /// \"bsp\"".
  std::map<std::string, std::vector<std::string>> left_out;
};

/// Reads a config file; each override is "key.path=value". Overrides of a variant of a comparison
/// have precedence over the others, and make keys unread that belong to another choice.
parsed read_config(const std::string& path, const std::vector<std::string>& overrides,
                   const std::vector<std::string>& of_variant = {});

/// The same from text; `name` is the file's name in errors.
parsed parse_config(std::string_view text, const std::string& name,
                    const std::vector<std::string>& overrides,
                    const std::vector<std::string>& of_variant = {});

/// "sync.epoch, sync.search: left out, not read by sync.policy = ...", one line for each choice.
std::vector<std::string> left_out_lines(const parsed& read);

/// The name as in [wire]: "int8", "topk:0.01".
std::string name_of(const encoding& form);

/// The config with every key that the job reads. Reading it gives an equal job.
std::string to_toml(const job& x);

} // namespace adsp::apps
