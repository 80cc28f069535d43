// Reads typed, bounded values out of a TOML document and collects every mistake instead of stopping
// at the first.
#pragma once

#include "apps/config/config.hpp"

#include <toml++/toml.h>

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace adsp::apps {

/// Where errors go, and which keys were given on the command line.
struct config_log {
  std::string file;
  /// Key paths that were set after the file was read, all dots, "workers.0.count": 1 by --set, 2 by
  /// a variant of a comparison.
  std::map<std::string, int> overridden;
  std::vector<config_error> errors;
  std::set<std::string> known; ///< every key that was looked for
  /// Keys that were given but are not read, by the reason: "by sync.policy = \"bsp\"".
  std::map<std::string, std::vector<std::string>> left_out;

  /// The layer that set the key last, as in `overridden`; 0: the file, or none.
  int layer_of(const std::string& path) const;

  /// `key`: as in `config_error`.
  void add(const toml::node* where, const std::string& key, std::string text);

  /// Whether neither `key` nor a table around it has an error, so that its value is valid.
  bool sound(std::string_view key) const;

private:
  bool from_override(const toml::node* where, std::string_view key) const;
};

/// Limits of a number; `open_low` excludes the lower limit.
struct bounds {
  double low = 0;
  double high = 1e300;
  bool open_low = false;
  bool open_high = false;
};

inline constexpr bounds any{};
inline constexpr bounds positive{0, any.high, true};
/// Seconds. The clock counts nanoseconds in 64 bits: more would overflow, once jitter is added.
inline constexpr bounds time_span{0, 1e9};
/// At least a millisecond: anything more frequent would leave no time for training.
inline constexpr bounds period{1e-3, 1e9};
inline constexpr bounds exact_count{0, 9007199254740992.0}; // what a double holds exactly
inline constexpr bounds count_of_32_bits{0, 4294967295.0};

/// "a number above 0 and at most 1", `kind` being "a number".
std::string describe(const bounds& limits, std::string_view kind);

/// One table of the document. Every getter leaves `into` unchanged if the key is absent or wrong.
class table_reader {
public:
  /// `path`: the table's key path, for errors; `table` may be null (all keys absent).
  table_reader(const toml::table* table, std::string path, config_log& log)
      : table_{table}, path_{std::move(path)}, log_{log} {}

  bool has_list(std::string_view key) const { return has(key) && table_->get(key)->is_array(); }

  bool has_empty_list(std::string_view key) const {
    return has_list(key) && table_->get(key)->as_array()->empty();
  }

  bool has(std::string_view key) const { return table_ != nullptr && table_->contains(key); }

  /// A number that a float holds, too: it may become one.
  void number(std::string_view key, double& into, bounds limits);

  template <class T>
  void whole(std::string_view key, T& into, bounds limits) {
    auto value = static_cast<double>(into);
    if (read_whole(key, value, limits))
      into = static_cast<T>(value);
  }

  /// Seconds: a number, or text with the unit ms, s, min or h.
  void duration(std::string_view key, double& into, bounds limits);

  /// Bits a second: a number, or text with the unit bit, kbit, Mbit or Gbit.
  void bandwidth(std::string_view key, double& into);

  void text(std::string_view key, std::string& into);

  /// One of a few words; the chosen one's index.
  std::optional<std::size_t> choice(std::string_view key, const std::vector<std::string>& words);

  void number_list(std::string_view key, std::vector<double>& into, bounds limits);

  void flag(std::string_view key, bool& into);

  /// Calls `read` for every table of a list of tables, and reports the keys that it did not ask
  /// for.
  template <class Read>
  void tables(std::string_view key, Read read) {
    const auto* list = table_list(key);
    for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) {
      table_reader t{list->get(i)->as_table(), full_path(key) + "[" + std::to_string(i) + "]",
                     log_};
      read(t);
      t.finish();
    }
  }

  void whole_list(std::string_view key, std::vector<std::uint32_t>& into, bounds limits);

  void text_list(std::string_view key, std::vector<std::string>& into);

  /// Marks a key as known because it is read elsewhere.
  void expect(std::string_view key);

  /// Reports keys that were never asked for, with the most similar known key.
  void finish();

  /// Whether the key has no error.
  bool sound(std::string_view key) const { return log_.sound(full_path(key)); }

  /// Reports a mistake at a key of this table.
  void complain(std::string_view key, std::string text);

private:
  std::string full_path(std::string_view key) const;
  /// Null if the key is absent or not a list of tables.
  const toml::array* table_list(std::string_view key);
  const toml::node* find(std::string_view key);

  /// Reads a list; `read_element` returns the value of an element, or nothing if it is invalid.
  template <class T, class Read>
  void list(std::string_view key, std::vector<T>& into, const std::string& expected,
            Read read_element);

  bool read_whole(std::string_view key, double& into, bounds limits);
  void quantity(std::string_view key, double& into, bounds limits,
                const std::vector<std::pair<std::string_view, double>>& units,
                std::string_view example);
  bool within(std::string_view key, double value, bounds limits, std::string_view kind);

  const toml::table* table_;
  std::string path_;
  config_log& log_;
  std::vector<std::string> known_;
};

} // namespace adsp::apps
