// The parts of reading a config: each function handles one table, or something that several tables
// share.
#pragma once

#include "actors/plan/job.hpp"
#include "apps/config/table_reader.hpp"

#include <string>
#include <string_view>

namespace adsp::apps {

/// A sub-table, or null if it is absent. Reports a mistake if something else has its name.
const toml::table* section(const toml::table& root, const char* name, config_log& log);

/// Whether `text` has only letters, digits, '.', '_' and '-', so that it can name a folder, a
/// column of a CSV or a word in a log.
bool is_plain_name(std::string_view text);

/// [[workers]].
void read_workers(const toml::table& root, job& plan, config_log& log);

/// Applies "table.key=value"; `layer` as in `config_log::overridden`.
void apply_override(toml::table& root, const std::string& setting, int layer, config_log& log);

} // namespace adsp::apps
