#include "learning/data/text/number_files.hpp"

#include "learning/data/text/table_header.hpp"
#include "learning/data/text/text_blocks.hpp"

namespace adsp::learning {

std::vector<double> read_column(const std::filesystem::path& file, const std::string& name) {
  text_rows rows(file, ',');
  const auto header = read_header(rows);
  const auto column = column_position(rows, header, name);
  std::vector<double> result;
  for (std::vector<std::string_view> cells; next_row(rows, header, cells);) {
    const auto value = number_of(cells[column]);
    if (!value)
      fail_at_cell(rows, header, name, cells[column], readable_number);
    result.push_back(*value);
  }
  return result;
}

std::vector<double> read_numbers(const std::filesystem::path& file) {
  text_lines lines(file);
  std::vector<double> result;
  while (const auto line = lines.next()) {
    const auto text = trimmed(*line);
    if (text.empty())
      continue;
    const auto value = number_of(text);
    if (!value)
      lines.fail("found " + shown(text) + ", expected one number a line that a float can hold");
    result.push_back(*value);
  }
  return result;
}

} // namespace adsp::learning
