// The parts that a config is read in: each takes one table of the document, or one kind of thing
// that several have.
#pragma once

#include "actors/plan/job.hpp"
#include "apps/config/table_reader.hpp"

#include <string>
#include <string_view>

namespace adsp::apps {

inline constexpr bounds any{};
inline constexpr bounds positive{0, any.high, true};
/// Seconds. The clock counts nanoseconds in 64 bits: more would overflow, with jitter on top.
inline constexpr bounds time_span{0, 1e9};
/// A millisecond at least: what comes round more often would leave no time for training.
inline constexpr bounds period{1e-3, 1e9};
inline constexpr bounds step_time{0, 1e6};
/// Above 0: the clock counts nanoseconds, and a step of none would stop virtual time.
inline constexpr bounds listed_step_time{1e-9, 1e6};
inline constexpr bounds step_rate{1e-6, 1e9};
inline constexpr bounds exact_count{0, 9007199254740992.0}; // what a double counts exactly
inline constexpr bounds count_of_32_bits{0, 4294967295.0};

/// A sub-table, or null when it is absent; something else under its name is a mistake.
const toml::table* section(const toml::table& root, const char* name, config_log& log);

/// Letters, digits, '.', '_' and '-': what names a folder, a column of a CSV or a word of a log.
bool is_plain_name(std::string_view x);

/// [data], [model] and [optimizer]: what is learnt from what, and how.
void read_learning(const toml::table& root, job& x, config_log& log);

// Two of these, which a model file keeps too, and how they are written back.

void read_data(const toml::table& root, job& x, config_log& log);
void read_model(const toml::table& root, job& x, config_log& log);
std::string data_table(const job& all);
std::string model_table(const job& all);

/// [[workers]].
void read_workers(const toml::table& root, job& x, config_log& log);

/// Sets what "table.key=value" says.
void apply_override(toml::table& root, const std::string& x, config_log& log);

} // namespace adsp::apps
