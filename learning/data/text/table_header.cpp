#include "learning/data/text/table_header.hpp"

#include "learning/data/text/cell_text.hpp"
#include "learning/data_error.hpp"

#include <algorithm>
#include <unordered_set>

namespace adsp::learning {

std::vector<std::string> read_header(text_rows& from) {
  std::vector<std::string_view> cells;
  if (!from.next(cells))
    throw data_error(from.name() + ": is empty, expected a header and rows");
  std::unordered_set<std::string_view> seen;
  for (const auto& x : cells)
    if (!seen.insert(x).second)
      from.fail("has two columns " + shown(x) + ", expected different names");
  return {cells.begin(), cells.end()};
}

std::vector<std::string> count_columns(const std::string& file, char delimiter) {
  text_rows rows(file, delimiter);
  std::vector<std::string_view> cells;
  if (!rows.next(cells))
    throw data_error(file + ": is empty, expected rows");
  std::vector<std::string> result;
  for (std::size_t i = 1; i <= cells.size(); ++i)
    result.push_back(std::to_string(i));
  return result;
}

std::size_t column_position(const text_rows& from, const std::vector<std::string>& header,
                            std::string_view name) {
  const auto at = std::find(header.begin(), header.end(), name);
  if (at != header.end())
    return static_cast<std::size_t>(at - header.begin());
  constexpr std::size_t most = 30;
  std::string known;
  for (std::size_t i = 0; i < std::min(header.size(), most); ++i)
    known += (i == 0 ? "" : ", ") + shown(header[i]);
  if (header.size() > most)
    known += " and " + std::to_string(header.size() - most) + " more";
  const auto what = "has no column " + shown(name) + ", expected one of " + known;
  if (from.line() == 0) // a table without a header, of which no row has been read
    throw data_error(from.name() + ": " + what);
  from.fail(what);
}

bool next_row(text_rows& from, const std::vector<std::string>& header,
              std::vector<std::string_view>& cells) {
  if (!from.next(cells))
    return false;
  if (cells.size() != header.size())
    from.fail("has " + counted(cells.size(), "cell") + ", expected " +
              std::to_string(header.size()) + ", as the first row has");
  return true;
}

void fail_at_cell(const text_rows& from, const std::vector<std::string>& header,
                  std::string_view column, std::string_view cell, const std::string& expected) {
  const auto label =
      column.empty() ? std::to_string(column_position(from, header, column) + 1) : shown(column);
  from.fail("column " + label + ": found " + shown(cell) + ", expected " + expected);
}

} // namespace adsp::learning
