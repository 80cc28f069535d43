// Which keys of [data], [model] and [optimizer] only some choices read, such as data.target, which
// only a table has. One that is not read must not be set, and is not written.
#pragma once

#include "actors/plan/job.hpp"
#include "apps/config/table_reader.hpp"

#include <span>
#include <string_view>
#include <vector>

namespace adsp::apps {

/// A key is read where `choice` has one of these values. With several rows all must hold.
struct key_condition {
  std::string_view key;    ///< "data.target"
  std::string_view choice; ///< the key that decides, "data.source"
  std::vector<std::string_view> values;
  bool decides = false; ///< where `choice` is left out, `key` stands for it
};

std::span<const key_condition> key_conditions();

/// Whether the job, as it is after reading, reads the key.
bool is_read(const job& x, std::string_view key);

/// Reports every key that is set and not read. A choice that --set has made leaves the file's keys
/// that belong to another one aside.
void refuse_unread(const job& x, const toml::table& root, config_log& log);

} // namespace adsp::apps
