// The parts that a config is read in: each takes one table of the document, or one kind of thing
// that several have.
#pragma once

#include "actors/plan/job.hpp"
#include "apps/config/table_reader.hpp"

#include <string>
#include <string_view>

namespace adsp::apps {

/// A sub-table, or null when it is absent; something else under its name is a mistake.
const toml::table* section(const toml::table& root, const char* name, config_log& log);

/// Letters, digits, '.', '_' and '-': what names a folder, a column of a CSV or a word of a log.
bool is_plain_name(std::string_view text);

/// [[workers]].
void read_workers(const toml::table& root, job& plan, config_log& log);

/// Sets what "table.key=value" says; `layer` as in `config_log::overridden`.
void apply_override(toml::table& root, const std::string& setting, int layer, config_log& log);

} // namespace adsp::apps
