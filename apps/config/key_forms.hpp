// Makes keys, with one function for each kind of value. Each takes the key's name, the member that
// holds the value, its limits or words, and a sentence about it.
#pragma once

#include "apps/config/key.hpp"

#include <concepts>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace adsp::apps::keys {

/// A key of the given kind; `read` and `write` are as in `key`.
template <class T, class Read, class Write>
key<T> make(std::string_view name, key_kind kind, bounds limits, std::string_view sentence,
            Read read, Write write) {
  key<T> x;
  x.name = name;
  x.sentence = sentence;
  x.kind = kind;
  x.limits = limits;
  x.read = std::move(read);
  x.write = std::move(write);
  x.initial = x.write(T{});
  return x;
}

template <class T, std::integral I>
key<T> whole(std::string name, I T::*at, bounds limits, std::string sentence) {
  return make<T>(
      name, key_kind::whole, limits, std::move(sentence),
      [=](table_reader& t, T& into) { t.whole(name, into.*at, limits); },
      [=](const T& from) { return std::to_string(from.*at); });
}

template <class T>
key<T> number(std::string name, double T::*at, bounds limits, std::string sentence) {
  return make<T>(
      name, key_kind::number, limits, std::move(sentence),
      [=](table_reader& t, T& into) { t.number(name, into.*at, limits); },
      [=](const T& from) { return toml_number(from.*at); });
}

/// A number whose default, `absent` in words, depends on others.
template <class T>
key<T> optional_number(std::string name, std::optional<double> T::*at, bounds limits,
                       std::string sentence, std::string absent) {
  return make<T>(
             name, key_kind::number, limits, std::move(sentence),
             [=](table_reader& t, T& into) {
               double given = (into.*at).value_or(0);
               t.number(name, given, limits);
               if (t.has(name))
                 into.*at = given;
             },
             [=](const T& from) { return from.*at ? toml_number(*(from.*at)) : std::string{}; })
      .left_out(std::move(absent));
}

/// The same for a whole number.
template <class T, std::integral I>
key<T> optional_whole(std::string name, std::optional<I> T::*at, bounds limits,
                      std::string sentence, std::string absent) {
  return make<T>(
             name, key_kind::whole, limits, std::move(sentence),
             [=](table_reader& t, T& into) {
               I given = (into.*at).value_or(0);
               t.whole(name, given, limits);
               if (t.has(name))
                 into.*at = given;
             },
             [=](const T& from) { return from.*at ? std::to_string(*(from.*at)) : std::string{}; })
      .left_out(std::move(absent));
}

/// Seconds.
template <class T>
key<T> duration(std::string name, double T::*at, bounds limits, std::string sentence) {
  return make<T>(
      name, key_kind::duration, limits, std::move(sentence),
      [=](table_reader& t, T& into) { t.duration(name, into.*at, limits); },
      [=](const T& from) { return toml_number(from.*at); });
}

/// Bits a second; 0: unlimited.
template <class T>
key<T> bandwidth(std::string name, double T::*at, std::string sentence) {
  return make<T>(
      name, key_kind::bandwidth, {}, std::move(sentence),
      [=](table_reader& t, T& into) { t.bandwidth(name, into.*at); },
      [=](const T& from) { return toml_number(from.*at); });
}

template <class T>
key<T> text(std::string name, std::string T::*at, std::string sentence) {
  return make<T>(
      name, key_kind::text, {}, std::move(sentence),
      [=](table_reader& t, T& into) { t.text(name, into.*at); },
      [=](const T& from) { return toml_text(from.*at); });
}

template <class T>
key<T> flag(std::string name, bool T::*at, std::string sentence) {
  return make<T>(
      name, key_kind::flag, {}, std::move(sentence),
      [=](table_reader& t, T& into) { t.flag(name, into.*at); },
      [=](const T& from) { return std::string{from.*at ? "true" : "false"}; });
}

/// One of a few words, held as text. An empty text means that the choice is left open, and is not
/// written.
template <class T>
key<T> word(std::string name, std::string T::*at, const std::vector<std::string>& words,
            std::string sentence) {
  auto x = make<T>(
      name, key_kind::word, {}, std::move(sentence),
      [=](table_reader& t, T& into) {
        if (const auto i = t.choice(name, words))
          into.*at = words[*i];
      },
      [=](const T& from) { return (from.*at).empty() ? std::string{} : toml_text(from.*at); });
  x.words = words;
  return x;
}

/// One of a few words, each of which stands for a value.
template <class T, class E>
key<T> named(std::string name, E T::*at, const std::vector<std::pair<std::string, E>>& values,
             std::string sentence) {
  std::vector<std::string> words;
  words.reserve(values.size());
  for (const auto& each : values)
    words.push_back(each.first);
  auto x = make<T>(
      name, key_kind::word, {}, std::move(sentence),
      [=](table_reader& t, T& into) {
        if (const auto i = t.choice(name, words))
          into.*at = values[*i].second;
      },
      [=](const T& from) {
        for (const auto& [known, value] : values)
          if (value == from.*at)
            return toml_text(known);
        return std::string{};
      });
  x.words = words;
  return x;
}

template <class T>
key<T> whole_list(std::string name, std::vector<std::uint32_t> T::*at, bounds limits,
                  std::string sentence) {
  return make<T>(
      name, key_kind::whole_list, limits, std::move(sentence),
      [=](table_reader& t, T& into) { t.whole_list(name, into.*at, limits); },
      [=](const T& from) {
        std::vector<std::string> all;
        for (const auto each : from.*at)
          all.push_back(std::to_string(each));
        return toml_list(all);
      });
}

template <class T>
key<T> text_list(std::string name, std::vector<std::string> T::*at, std::string sentence) {
  return make<T>(
      name, key_kind::text_list, {}, std::move(sentence),
      [=](table_reader& t, T& into) { t.text_list(name, into.*at); },
      [=](const T& from) {
        std::vector<std::string> all;
        for (const auto& each : from.*at)
          all.push_back(toml_text(each));
        return toml_list(all);
      });
}

/// A list of tables, each an E with the keys `entries`.
template <class T, class E>
key<T> tables(std::string name, std::vector<E> T::*at, const std::vector<key<E>>& entries,
              std::string sentence) {
  auto x = make<T>(
      name, key_kind::tables, {}, std::move(sentence),
      [=](table_reader& t, T& into) {
        t.tables(name,
                 [&](table_reader& one) { read_all(one, entries, (into.*at).emplace_back()); });
      },
      [](const T&) { return std::string{}; });
  x.write_tables = [=](const T& from, std::string_view path) {
    std::string all;
    for (const auto& each : from.*at)
      all += "\n[[" + std::string{path} + "]]\n" + written(entries, each, path);
    return all;
  };
  x.entries.assign(entries.begin(), entries.end());
  return x;
}

} // namespace adsp::apps::keys
