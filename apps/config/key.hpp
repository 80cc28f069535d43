// One key of a config: its name, the form of its value, when it is read, and a sentence. Reading a
// config, writing it back, refusing unread keys and docs/config.md all use the lists of keys in
// apps/config/keys/.
#pragma once

#include "apps/config/table_reader.hpp"
#include "apps/config/toml_text.hpp"

#include <algorithm>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace adsp::apps {

/// The form of a value.
enum class key_kind {
  whole,       ///< a whole number
  number,      ///< any number
  duration,    ///< seconds, or text with a unit
  bandwidth,   ///< bits a second, or text with a unit
  text,        ///< text in quotes
  word,        ///< one of `key_text::words`
  flag,        ///< true or false
  whole_list,  ///< a list of whole numbers
  number_list, ///< a list of numbers
  text_list,   ///< a list of texts
  tables,      ///< a list of tables, whose keys are `key_text::entries`
  other,       ///< described by `key_text::looks`
};

/// A key is read if `choice` has one of `values`.
struct read_when {
  std::string choice; ///< another key of the same table
  std::vector<std::string> values;
  bool decides = false; ///< if `choice` is left out, giving the key implies it
};

/// The description of a key, independent of the type that holds its value.
struct key_text {
  std::string name; ///< without its table: "shard_size"
  std::string sentence;
  key_kind kind = key_kind::other;
  bounds limits = {};
  std::vector<std::string> words;
  std::vector<read_when> when; ///< all must hold; empty: the key is always read
  std::string initial;         ///< the default, as TOML; empty: see `absent`
  std::string absent;          ///< the default in words, if `initial` cannot express it
  bool needed = false;         ///< leaving it out is a mistake; `example` shows how to give it
  std::string looks;           ///< key_kind::other: the form of its value in words
  std::string example; ///< key_kind::other, tables, or `needed`: a value that is not `initial`
  std::vector<key_text> entries; ///< key_kind::tables
};

/// "a", "b" or "c", each in quotes.
std::string alternatives(const std::vector<std::string>& words);

/// The form of a value in words: "a whole number of at least 1", "\"bsp\" or \"ssp\"".
std::string describe(const key_text& key);

/// A key of a table that describes a T.
template <class T>
struct key : key_text {
  /// Reads the key from its table into the T; reports every mistake to the table's log.
  std::function<void(table_reader&, T&)> read;
  /// The value as TOML; empty: the key is left out.
  std::function<std::string(const T&)> write;
  /// What is wrong with a well-formed value, or "".
  std::function<std::string(const T&)> wrong;
  /// Lists of tables: writes all of them, each below its header, which has the whole path.
  std::function<std::string(const T&, std::string_view path)> write_tables;

  /// Makes the key read only if `choice` has one of `values`.
  key only_with(std::string choice, std::vector<std::string> values) && {
    when.push_back({std::move(choice), std::move(values)});
    return std::move(*this);
  }

  /// The same; if `choice` is left out, giving this key implies it.
  key decides(std::string choice, std::vector<std::string> values) && {
    when.push_back({std::move(choice), std::move(values), true});
    return std::move(*this);
  }

  /// Adds a check of well-formed values; see `wrong`.
  key checked(std::function<std::string(const T&)> rule) && {
    wrong = std::move(rule);
    return std::move(*this);
  }

  /// Describes the default in words.
  key left_out(std::string_view words_for_it) && {
    initial.clear();
    absent = words_for_it;
    return std::move(*this);
  }

  /// Makes it a mistake to leave the key out; `value`: an example, as TOML.
  key cannot_be_left_out(std::string_view value) && {
    needed = true;
    example = value;
    return std::move(*this).left_out("a mistake");
  }
};

/// A word without its quotes: the value of a choice.
std::string unquoted(const std::string& toml);

/// The value of the key `choice` in `value`; "" for an unknown key.
template <class T>
std::string value_of(const std::vector<key<T>>& keys, const T& value, std::string_view choice) {
  const auto found = std::ranges::find(keys, choice, &key<T>::name);
  return found == keys.end() ? std::string{} : unquoted(found->write(value));
}

/// The first condition of the key that `value` does not meet; null: the key is read.
template <class T>
const read_when* unmet(const std::vector<key<T>>& keys, const key<T>& one, const T& value) {
  const auto broken = std::ranges::find_if(one.when, [&](const read_when& each) {
    return std::ranges::find(each.values, value_of(keys, value, each.choice)) == each.values.end();
  });
  return broken == one.when.end() ? nullptr : &*broken;
}

/// Reads all keys of a table, even those whose conditions will turn out not to hold, because
/// conditions may depend on later keys. Then checks the well-formed values.
template <class T>
void read_all(table_reader& t, const std::vector<key<T>>& keys, T& into) {
  for (const auto& each : keys) {
    t.expect(each.name);
    if (each.needed && !t.has(each.name))
      t.complain(each.name,
                 "is missing, expected for instance " + each.name + " = " + each.example);
    else
      each.read(t, into);
  }
  for (const auto& each : keys) {
    if (!each.wrong || !t.sound(each.name))
      continue;
    if (auto mistake = each.wrong(into); !mistake.empty())
      t.complain(each.name, std::move(mistake));
  }
}

/// The keys that `content` reads, one per line, then its lists of tables. `path`: that of their
/// table.
template <class T>
std::string written(const std::vector<key<T>>& keys, const T& content, std::string_view path) {
  std::string lines;
  std::string tables;
  for (const auto& each : keys) {
    if (unmet(keys, each, content) != nullptr)
      continue;
    if (each.write_tables)
      tables += each.write_tables(content, std::string{path} + "." + each.name);
    else if (const auto value = each.write(content); !value.empty())
      lines += each.name + " = " + value + "\n";
  }
  return lines + tables;
}

/// Turns a key of a part into a key of the whole; `part` returns the part of a whole, const or not.
template <class Whole, class Part, class T>
key<Whole> within(Part part, const key<T>& one) {
  key<Whole> x;
  static_cast<key_text&>(x) = one;
  x.read = [part, read = one.read](table_reader& t, Whole& into) { read(t, part(into)); };
  if (one.write)
    x.write = [part, write = one.write](const Whole& from) { return write(part(from)); };
  if (one.wrong)
    x.wrong = [part, wrong = one.wrong](const Whole& from) { return wrong(part(from)); };
  if (one.write_tables)
    x.write_tables = [part, all = one.write_tables](const Whole& from, std::string_view path) {
      return all(part(from), path);
    };
  return x;
}

/// The same for a list of keys.
template <class Whole, class Part, class T>
std::vector<key<Whole>> within(Part part, const std::vector<key<T>>& keys) {
  std::vector<key<Whole>> all;
  all.reserve(keys.size());
  for (const auto& each : keys)
    all.push_back(within<Whole>(part, each));
  return all;
}

} // namespace adsp::apps
