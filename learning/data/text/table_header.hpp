// The names of a table's columns, and errors in its rows.
#pragma once

#include "learning/data/text/text_rows.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace adsp::learning {

/// Reads the first row as the names of the columns, all different. Throws `data_error`.
std::vector<std::string> read_header(text_rows& from);

/// Names for a table without a header: "1", "2" and so on, one for each cell of its first row.
std::vector<std::string> count_columns(const std::string& file, char delimiter);

/// The position of the column `name`. Throws a `data_error` that lists the columns.
std::size_t column_position(const text_rows& from, const std::vector<std::string>& header,
                            std::string_view name);

/// The next row, with as many cells as the header; false at the end. Throws `data_error`.
bool next_row(text_rows& from, const std::vector<std::string>& header,
              std::vector<std::string_view>& cells);

/// Throws "FILE:LINE: column NAME: found CELL, expected ..."; a column without a name is given by
/// its number.
[[noreturn]] void fail_at_cell(const text_rows& from, const std::vector<std::string>& header,
                               std::string_view column, std::string_view cell,
                               const std::string& expected);

} // namespace adsp::learning
