// What keys of a config must be to each other.
#pragma once

#include "actors/plan/job.hpp"
#include "apps/config/table_reader.hpp"

namespace adsp::apps {

/// Reports every broken rule at the key to change; a rule about keys that are wrong already is left
/// out.
void check_rules(const job& plan, const toml::table& root, config_log& log);

} // namespace adsp::apps
