// One key of a config: its name, what its value looks like, when it is read, and a sentence.
// Reading a config, writing it back, refusing what is not read and docs/config.md all come from
// lists of these, apps/config/keys/.
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

/// What a value looks like.
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
  other,       ///< what `key_text::looks` says
};

/// A key is read where `choice` has one of `values`.
struct read_when {
  std::string choice; ///< another key of the same table
  std::vector<std::string> values;
  bool decides = false; ///< where `choice` is left out, the key stands for it
};

/// What there is to say of a key, whatever it is a part of.
struct key_text {
  std::string name; ///< without its table: "shard_size"
  std::string sentence;
  key_kind kind = key_kind::other;
  bounds limits = {};
  std::vector<std::string> words;
  std::vector<read_when> when; ///< all must hold; empty: it is always read
  std::string initial;         ///< as TOML, where nothing is said; empty: see `absent`
  std::string absent;          ///< what holds where nothing is said, if `initial` does not tell
  std::string looks;           ///< key_kind::other
  std::string example;         ///< key_kind::other, tables: a value that is not `initial`, as TOML
  std::vector<key_text> entries; ///< key_kind::tables
};

/// "a", "b" or "c", each in quotes.
std::string alternatives(const std::vector<std::string>& words);

/// What a value looks like: "a whole number of at least 1", "\"bsp\" or \"ssp\"".
std::string describe(const key_text& key);

/// A key of a table that describes a T.
template <class T>
struct key : key_text {
  /// Reads the key from its table into the T; every mistake is reported there.
  std::function<void(table_reader&, T&)> read;
  /// The value as TOML; empty: the key is left out.
  std::function<std::string(const T&)> write;
  /// What is wrong with a value that looks right, "" if nothing is.
  std::function<std::string(const T&)> wrong;
  /// Lists of tables: all of them, each below its header, which names the whole path.
  std::function<std::string(const T&, std::string_view path)> write_tables;

  /// It is read only where `choice` has one of `values`.
  key only_with(std::string choice, std::vector<std::string> values) && {
    when.push_back({std::move(choice), std::move(values)});
    return std::move(*this);
  }

  /// The same, and where `choice` is left out this key stands for it.
  key decides(std::string choice, std::vector<std::string> values) && {
    when.push_back({std::move(choice), std::move(values), true});
    return std::move(*this);
  }

  /// A value that looks right may still be wrong; see `wrong`.
  key checked(std::function<std::string(const T&)> rule) && {
    wrong = std::move(rule);
    return std::move(*this);
  }

  /// Says in words what holds where the key is left out.
  key left_out(std::string words_for_it) && {
    initial.clear();
    absent = std::move(words_for_it);
    return std::move(*this);
  }
};

/// A word without its quotes: what a choice says.
std::string unquoted(const std::string& toml);

/// What the key `choice` of the list says for `value`; "" for an unknown one.
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

/// Reads all keys of a table, those too that will turn out not to be read: their conditions may
/// depend on keys that come later. Then looks for values that look right and are wrong.
template <class T>
void read_all(table_reader& t, const std::vector<key<T>>& keys, T& into) {
  for (const auto& each : keys) {
    t.expect(each.name);
    each.read(t, into);
  }
  for (const auto& each : keys) {
    if (!each.wrong || !t.sound(each.name))
      continue;
    if (auto mistake = each.wrong(into); !mistake.empty())
      t.complain(each.name, std::move(mistake));
  }
}

/// The keys that `content` reads, one a line, then its lists of tables. `path`: of their table.
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

/// A key of a part as a key of the whole; `part` gives the part of a whole, const or not.
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

/// The same of a list of keys.
template <class Whole, class Part, class T>
std::vector<key<Whole>> within(Part part, const std::vector<key<T>>& keys) {
  std::vector<key<Whole>> all;
  for (const auto& each : keys)
    all.push_back(within<Whole>(part, each));
  return all;
}

} // namespace adsp::apps
