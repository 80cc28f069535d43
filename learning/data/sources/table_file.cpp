#include "learning/data/sources/table_file.hpp"

#include "learning/data/sources/split.hpp"
#include "learning/data_error.hpp"

#include <algorithm>

namespace adsp::learning {

void check_table_options(const data_options& options) {
  check_number_options(options);
  const auto has = [](const std::vector<std::string>& list, const std::string& name) {
    return std::find(list.begin(), list.end(), name) != list.end();
  };
  if (options.target.empty())
    throw data_error("data.target is empty; set it to the column to predict");
  if (has(options.features, options.target))
    throw data_error("data.features has \"" + options.target +
                     "\", which is data.target; expected other columns");
  for (std::size_t i = 0; i < options.features.size(); ++i)
    if (std::count(options.features.begin(), options.features.end(), options.features[i]) > 1)
      throw data_error("data.features has " + shown(options.features[i]) + " twice");
  for (const auto& name : options.one_hot)
    if (name == options.target || (!options.features.empty() && !has(options.features, name)))
      throw data_error("data.one_hot has " + shown(name) + ", which is not one of the features");
  if (!is_delimiter(options.delimiter))
    throw data_error("data.delimiter is " + shown(options.delimiter) +
                     ", expected one character, such as \",\", \";\" or a tab");
}

table_file::table_file(const data_options& options)
    : options_(options), rows_(options.path, options.delimiter[0]),
      header_(options.header ? read_header(rows_)
                             : count_columns(options.path, options.delimiter[0])) {
  target_ = column_position(rows_, header_, options.target);
  for (const auto& name : options.one_hot)
    column_position(rows_, header_, name);
  if (!options.features.empty())
    for (const auto& name : options.features)
      positions_.push_back(column_position(rows_, header_, name));
  else
    for (std::size_t i = 0; i < header_.size(); ++i)
      if (i != target_)
        positions_.push_back(i);
  if (positions_.empty())
    throw data_error(options.path +
                     ": has only the target's column; expected at least one feature");
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

file_mark mark_of(const data_options& options) {
  if (options.missing != "drop") {
    text_rows all(options.path, options.delimiter[0]);
    const auto rows = all.count();
    return {options.header && rows > 0 ? rows - 1 : rows, all.checksum()};
  }
  table_file file(options);
  std::uint64_t rows = 0;
  while (file.next())
    ++rows;
  return {rows, file.checksum()};
}

} // namespace adsp::learning
