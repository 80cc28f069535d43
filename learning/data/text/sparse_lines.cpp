#include "learning/data/text/sparse_lines.hpp"

#include "learning/data_error.hpp"

#include <algorithm>
#include <charconv>

namespace adsp::learning {

bool sparse_lines::next() {
  while (auto line = lines_.next()) {
    rest_ = trimmed(line->substr(0, line->find('#')));
    column_ = 0;
    last_ = 0;
    if (rest_.empty())
      continue;
    label_ = word();
    if (label_.find(':') != label_.npos || is_missing(label_))
      lines_.fail("column 1: found " + shown(label_) + ", expected a label");
    return true;
  }
  return false;
}

double sparse_lines::label_number() const {
  const auto value = number_of(label_);
  if (!value)
    lines_.fail("column 1: found label " + shown(label_) +
                ", expected a number that a float can hold");
  return *value;
}

std::optional<sparse_lines::feature> sparse_lines::next_feature() {
  const auto text = word();
  if (text.empty())
    return std::nullopt;
  const auto colon = std::min(text.find(':'), text.size());
  feature result{0, 0};
  const auto [stop, error] = std::from_chars(text.data(), text.data() + colon, result.index);
  if (error != std::errc{} || stop != text.data() + colon || colon == text.size() ||
      result.index == 0 || result.index > max_sparse_index)
    fail_at_feature("index:value with an index from 1 to " + std::to_string(max_sparse_index));
  if (result.index <= last_)
    fail_at_feature("an index above " + std::to_string(last_) + ", the one before");
  const auto value = number_of(text.substr(colon + 1));
  if (!value)
    fail_at_feature("a number that a float can hold after the colon");
  result.value = *value;
  last_ = result.index;
  return result;
}

void sparse_lines::fail_at(std::size_t line, const std::string& what) const {
  throw data_error(lines_.name() + ":" + std::to_string(line) + ": " + what);
}

void sparse_lines::fail_at_feature(const std::string& expected) const {
  lines_.fail("column " + std::to_string(column_) + ": found " + shown(word_) + ", expected " +
              expected);
}

std::string_view sparse_lines::word() {
  rest_ = trimmed(rest_);
  ++column_;
  word_ = rest_.substr(0, rest_.find_first_of(" \t"));
  rest_.remove_prefix(word_.size());
  return word_;
}

} // namespace adsp::learning
