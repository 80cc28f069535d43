#include "apps/config/table_reader.hpp"

#include "apps/config/toml_text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <sstream>

namespace adsp::apps {

namespace {

/// The value as in the file.
std::string shown(const toml::node& read) {
  const auto* number = read.as_floating_point();
  if (number != nullptr && std::isfinite(number->get()))
    return toml_number(number->get());
  std::ostringstream out;
  read.visit([&](const auto& value) { out << value; });
  auto text = out.str();
  if (text.size() > 40)
    text = text.substr(0, 37) + "...";
  return text;
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j)
    row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    auto diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const auto changed = diagonal + (a[i - 1] != b[j - 1]);
      diagonal = row[j];
      row[j] = std::min({changed, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

/// Whether a float holds the number, neither as an infinity nor as 0 in its place.
bool fits_float(double value) {
  using limits = std::numeric_limits<float>;
  const auto size = std::abs(value);
  return value == 0 || (size >= limits::denorm_min() && size <= limits::max());
}

/// "workers[0].count" as "workers.0.count", the way --set writes it.
std::string dotted(std::string_view key) {
  std::string text;
  for (const char c : key)
    if (c != ']')
      text += c == '[' ? '.' : c;
  return text;
}

} // namespace

std::string describe(const bounds& limits, std::string_view kind) {
  auto text = fmt::format("{} {} {}", kind, limits.open_low ? "above" : "of at least", limits.low);
  if (limits.high < any.high)
    text += fmt::format(" and {} {}", limits.open_high ? "below" : "at most", limits.high);
  return text;
}

bool config_log::from_override(const toml::node* where, std::string_view key) const {
  const auto path = dotted(key);
  // A table made by --set has no line in the file.
  const bool in_file = where != nullptr && where->source().begin.line > 0;
  return std::ranges::any_of(overridden, [&](const auto& each) {
    return each.first == path || (!in_file && each.first.starts_with(path + "."));
  });
}

int config_log::layer_of(const std::string& path) const {
  const auto found = overridden.find(path);
  return found == overridden.end() ? 0 : found->second;
}

bool config_log::sound(std::string_view key) const {
  const auto path = dotted(key);
  return std::none_of(errors.begin(), errors.end(), [&](const config_error& error) {
    const auto wrong = dotted(error.key);
    return path == wrong || path.starts_with(wrong + ".");
  });
}

void config_log::add(const toml::node* where, const std::string& key, std::string text) {
  if (from_override(where, key))
    errors.push_back({"--set", 0, key, std::move(text)});
  else
    errors.push_back(
        {file, where != nullptr ? where->source().begin.line : 0, key, std::move(text)});
}

void table_reader::expect(std::string_view key) {
  if (std::ranges::find(known_, key) == known_.end())
    known_.emplace_back(key);
  log_.known.insert(full_path(key));
}

const toml::node* table_reader::find(std::string_view key) {
  expect(key);
  return table_ != nullptr ? table_->get(key) : nullptr;
}

void table_reader::complain(std::string_view key, std::string text) {
  const auto* node = table_ != nullptr ? table_->get(key) : nullptr;
  log_.add(node != nullptr ? node : table_, full_path(key), std::move(text));
}

bool table_reader::within(std::string_view key, double value, bounds limits,
                          std::string_view kind) {
  const bool low = limits.open_low ? value > limits.low : value >= limits.low;
  const bool high = limits.open_high ? value < limits.high : value <= limits.high;
  if (std::isfinite(value) && low && high)
    return true;
  complain(key,
           fmt::format("found {}, expected {}", shown(*table_->get(key)), describe(limits, kind)));
  return false;
}

void table_reader::number(std::string_view key, double& into, bounds limits) {
  const auto* node = find(key);
  if (node == nullptr)
    return;
  if (!node->is_number())
    complain(key, fmt::format("found {}, expected {}", shown(*node), describe(limits, "a number")));
  else if (const auto value = *node->value<double>(); std::isfinite(value) && !fits_float(value))
    complain(key, fmt::format("found {}, which a float does not hold; expected {}", shown(*node),
                              describe(limits, "a number")));
  else if (within(key, value, limits, "a number"))
    into = value;
}

bool table_reader::read_whole(std::string_view key, double& into, bounds limits) {
  const auto* node = find(key);
  if (node == nullptr)
    return false;
  if (!node->is_integer()) {
    complain(key, fmt::format("found {}, expected {}", shown(*node),
                              describe(limits, "a whole number")));
    return false;
  }
  const auto value = static_cast<double>(*node->value<std::int64_t>());
  if (!within(key, value, limits, "a whole number"))
    return false;
  into = value;
  return true;
}

void table_reader::quantity(std::string_view key, double& into, bounds limits,
                            const std::vector<std::pair<std::string_view, double>>& units,
                            std::string_view example) {
  const auto* node = find(key);
  if (node == nullptr)
    return;
  std::optional<double> value;
  if (node->is_number()) {
    value = node->value<double>();
  } else if (const auto text = node->value<std::string_view>()) {
    double number = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
    const std::string_view unit{end, static_cast<std::size_t>(text->data() + text->size() - end)};
    for (const auto& [name, factor] : units)
      if (error == std::errc{} && unit == name)
        value = number * factor;
  }
  if (!value)
    complain(key, fmt::format("found {}, expected {}", shown(*node), describe(limits, example)));
  else if (within(key, *value, limits, example))
    into = *value;
}

void table_reader::duration(std::string_view key, double& into, bounds limits) {
  quantity(key, into, limits, {{"ms", 1e-3}, {"s", 1}, {"min", 60}, {"h", 3600}},
           "a time such as \"50ms\", \"60s\", \"20min\", \"1h\" or a number of seconds,");
}

void table_reader::bandwidth(std::string_view key, double& into) {
  double value = into;
  quantity(key, value, {}, {{"bit", 1}, {"kbit", 1e3}, {"Mbit", 1e6}, {"Gbit", 1e9}},
           "a bandwidth such as \"20Mbit\" or a number of bits a second,");
  if (value > 0 && value < 1) // with less, a transfer would take longer than the clock can count
    complain(key, fmt::format("found {}, expected 0 (unlimited) or at least 1 bit a second",
                              shown(*table_->get(key))));
  else
    into = value;
}

void table_reader::text(std::string_view key, std::string& into) {
  const auto* node = find(key);
  if (node == nullptr)
    return;
  if (const auto value = node->value<std::string>(); value && node->is_string())
    into = *value;
  else
    complain(key, fmt::format("found {}, expected text in quotes", shown(*node)));
}

std::optional<std::size_t> table_reader::choice(std::string_view key,
                                                const std::vector<std::string>& words) {
  const auto* node = find(key);
  if (node == nullptr)
    return std::nullopt;
  if (const auto value = node->value<std::string>(); value && node->is_string())
    if (const auto i = std::find(words.begin(), words.end(), *value); i != words.end())
      return static_cast<std::size_t>(i - words.begin());
  complain(key, fmt::format("found {}, expected one of {}", shown(*node), fmt::join(words, ", ")));
  return std::nullopt;
}

template <class T, class Read>
void table_reader::list(std::string_view key, std::vector<T>& into, const std::string& expected,
                        Read read_element) {
  const auto* node = find(key);
  if (node == nullptr)
    return;
  std::vector<T> values;
  bool good = node->is_array();
  if (good)
    for (const auto& element : *node->as_array()) {
      const std::optional<T> value = read_element(element);
      good = good && value;
      if (good)
        values.push_back(*value);
    }
  if (good)
    into = std::move(values);
  else
    complain(key, fmt::format("found {}, expected {}", shown(*node), expected));
}

void table_reader::number_list(std::string_view key, std::vector<double>& into, bounds limits) {
  list(key, into, fmt::format("a list such as [0.5, 0.25], each {}", describe(limits, "a number")),
       [&](const toml::node& read) -> std::optional<double> {
         const auto value = read.is_number() ? read.value<double>() : std::nullopt;
         if (!value || !(*value >= limits.low) || *value > limits.high)
           return std::nullopt;
         return value;
       });
}

void table_reader::flag(std::string_view key, bool& into) {
  const auto* node = find(key);
  if (node == nullptr)
    return;
  if (node->is_boolean())
    into = *node->value<bool>();
  else
    complain(key, fmt::format("found {}, expected true or false", shown(*node)));
}

std::string table_reader::full_path(std::string_view key) const {
  return path_.empty() ? std::string{key} : fmt::format("{}.{}", path_, key);
}

const toml::array* table_reader::table_list(std::string_view key) {
  const auto* node = find(key);
  if (node == nullptr)
    return nullptr;
  const auto* list = node->as_array();
  if (list != nullptr && std::all_of(list->begin(), list->end(),
                                     [](const auto& element) { return element.is_table(); }))
    return list;
  complain(key, fmt::format("found {}, expected a list of tables", shown(*node)));
  return nullptr;
}

void table_reader::whole_list(std::string_view key, std::vector<std::uint32_t>& into,
                              bounds limits) {
  list(key, into,
       fmt::format("a list such as [256, 64], each {}", describe(limits, "a whole number")),
       [&](const toml::node& read) -> std::optional<std::uint32_t> {
         const auto value = read.is_integer() ? read.value<std::int64_t>() : std::nullopt;
         if (!value || static_cast<double>(*value) < limits.low ||
             static_cast<double>(*value) > limits.high)
           return std::nullopt;
         return static_cast<std::uint32_t>(*value);
       });
}

void table_reader::text_list(std::string_view key, std::vector<std::string>& into) {
  list(key, into, "a list of texts in quotes, such as [\"a\", \"b\"]",
       [](const toml::node& x) { return x.is_string() ? x.value<std::string>() : std::nullopt; });
}

void table_reader::finish() {
  if (table_ == nullptr)
    return;
  for (const auto& [key, value] : *table_) {
    const auto name = std::string{key.str()};
    if (std::find(known_.begin(), known_.end(), name) != known_.end())
      continue;
    const auto nearest = std::min_element(known_.begin(), known_.end(),
                                          [&](const std::string& a, const std::string& b) {
                                            return edit_distance(name, a) < edit_distance(name, b);
                                          });
    if (nearest != known_.end() && edit_distance(name, *nearest) <= 3)
      complain(name, fmt::format("unknown key; did you mean {}?", *nearest));
    else
      complain(name, fmt::format("unknown key, expected one of {}", fmt::join(known_, ", ")));
  }
}

} // namespace adsp::apps
