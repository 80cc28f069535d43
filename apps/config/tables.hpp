// The tables of a config, each with its keys.
#pragma once

#include "actors/plan/job.hpp"
#include "apps/config/key.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace adsp::apps {

/// One table of a config, "[ps]".
struct config_table {
  std::string name;
  std::string sentence; ///< its subject
  std::vector<key<job>> keys;
};

// Each is in its own file in apps/config/keys/.

config_table job_table();
config_table data_table();
config_table model_table();
config_table optimizer_table();
config_table sync_table();
config_table evaluation_table();
config_table ps_table();
config_table wire_table();
config_table cluster_table();

/// The keys of a [[workers]] table.
const std::vector<key<worker_group>>& worker_keys();

/// All of them, in the order in which a config is written.
const std::vector<config_table>& config_tables();

/// The table of that name.
const config_table& table_of(std::string_view name);

/// Reads a table of the document into the job; logs every mistake.
void read_table(const toml::table& root, const config_table& table, job& into, config_log& log);

/// Reports every key that is given but that the job does not read. If the key that decides this was
/// set later (by --set, or by a variant of a comparison), the unread key is left out instead; for
/// [sync] the log notes it.
void refuse_unread(const toml::table& root, const config_table& table, const job& plan,
                   config_log& log);

/// The table as TOML: its header and the keys that the job reads.
std::string to_toml(const config_table& table, const job& from);

/// Whether a job under `policy` may read the key "table.name": false for keys of [sync] that only
/// other policies read.
bool may_read(std::string_view policy, std::string_view path);

} // namespace adsp::apps
