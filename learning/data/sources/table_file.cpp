#include "learning/data/sources/table_file.hpp"

#include "learning/data/sources/split.hpp"
#include "learning/data_error.hpp"

#include <algorithm>

namespace adsp::learning {

void check_table_options(const data_options& x) {
  check_number_options(x);
  const auto has = [](const std::vector<std::string>& list, const std::string& name) {
    return std::find(list.begin(), list.end(), name) != list.end();
  };
  if (x.target.empty())
    throw data_error("data.target is empty; set it to the column to predict");
  if (has(x.features, x.target))
    throw data_error("data.features has \"" + x.target +
                     "\", which is data.target; expected other columns");
  for (std::size_t i = 0; i < x.features.size(); ++i)
    if (std::count(x.features.begin(), x.features.end(), x.features[i]) > 1)
      throw data_error("data.features has " + shown(x.features[i]) + " twice");
  for (const auto& name : x.one_hot)
    if (name == x.target || (!x.features.empty() && !has(x.features, name)))
      throw data_error("data.one_hot has " + shown(name) + ", which is none of the features");
  if (!is_delimiter(x.delimiter))
    throw data_error("data.delimiter is " + shown(x.delimiter) +
                     ", expected one character, such as \",\", \";\" or a tab");
}

table_file::table_file(const data_options& x)
    : options_(x), rows_(x.path, x.delimiter[0]),
      header_(x.header ? read_header(rows_) : count_columns(x.path, x.delimiter[0])) {
  target_ = column_position(rows_, header_, x.target);
  for (const auto& name : x.one_hot)
    column_position(rows_, header_, name);
  if (!x.features.empty())
    for (const auto& name : x.features)
      positions_.push_back(column_position(rows_, header_, name));
  else
    for (std::size_t i = 0; i < header_.size(); ++i)
      if (i != target_)
        positions_.push_back(i);
  if (positions_.empty())
    throw data_error(x.path + ": has only the target's column; expected at least one feature");
}

std::vector<table_column> table_file::columns() const {
  std::vector<table_column> result;
  for (auto position : positions_) {
    auto& column = result.emplace_back();
    column.name = header_[position];
    column.one_hot = std::find(options_.one_hot.begin(), options_.one_hot.end(), column.name) !=
                     options_.one_hot.end();
  }
  return result;
}

bool table_file::misses() const {
  return is_missing(target()) || std::any_of(positions_.begin(), positions_.end(),
                                             [&](auto i) { return is_missing(cells_[i]); });
}

file_mark mark_of(const data_options& x) {
  if (x.missing != "drop") {
    text_rows all(x.path, x.delimiter[0]);
    const auto rows = all.count();
    return {x.header && rows > 0 ? rows - 1 : rows, all.checksum()};
  }
  table_file file(x);
  std::uint64_t rows = 0;
  while (file.next())
    ++rows;
  return {rows, file.checksum()};
}

} // namespace adsp::learning
