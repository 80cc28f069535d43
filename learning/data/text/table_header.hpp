// The names of a table's columns, and what is wrong with its rows.
#pragma once

#include "learning/data/text/text_rows.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace adsp::learning {

/// Reads the first row as the names of the columns, all different. Throws `data_error`.
std::vector<std::string> read_header(text_rows& from);

/// Names for a table that has none: "1", "2" and so on, as many as its first row has cells.
std::vector<std::string> count_columns(const std::string& file, char delimiter);

/// Where the column `name` stands. Throws `data_error` that says which there are.
std::size_t column_position(const text_rows& from, const std::vector<std::string>& header,
                            std::string_view name);

/// The next row, with as many cells as the header; false at the end. Throws `data_error`.
bool next_row(text_rows& from, const std::vector<std::string>& header,
              std::vector<std::string_view>& cells);

/// "FILE:LINE: column NAME: found CELL, expected ..."; a column without a name by its number.
[[noreturn]] void fail_at_cell(const text_rows& from, const std::vector<std::string>& header,
                               std::string_view column, std::string_view cell,
                               const std::string& expected);

} // namespace adsp::learning
