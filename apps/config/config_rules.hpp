// The rules between keys of a config.
#pragma once

#include "actors/plan/job.hpp"
#include "apps/config/table_reader.hpp"

namespace adsp::apps {

/// Reports every broken rule at the key to change; a rule is skipped if one of its keys already has
/// an error.
void check_rules(const job& plan, const toml::table& root, config_log& log);

} // namespace adsp::apps
