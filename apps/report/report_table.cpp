#include "apps/report/report_table.hpp"

#include "apps/report/report_data.hpp"

#include <csv.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <memory>
#include <stdexcept>

namespace adsp::apps {

namespace {

[[noreturn]] void damaged(const std::filesystem::path& path, const std::string& how) {
  throw std::runtime_error{fmt::format("{}: the file is damaged: {}", path.string(), how)};
}

struct csv_rows {
  std::vector<std::vector<std::string>> rows;
  std::vector<std::string> open; ///< the row being read
};

void end_cell(void* text, std::size_t size, void* rows) {
  static_cast<csv_rows*>(rows)->open.emplace_back(static_cast<const char*>(text), size);
}

void end_row(int, void* rows) {
  auto& x = *static_cast<csv_rows*>(rows);
  x.rows.push_back(std::move(x.open));
  x.open.clear();
}

std::vector<std::vector<std::string>> parse(const std::filesystem::path& path) {
  const auto text = whole_lines(file_text(path));
  csv_parser parser;
  if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI) != 0)
    throw std::bad_alloc{};
  const std::unique_ptr<csv_parser, void (*)(csv_parser*)> guard{&parser, csv_free};
  csv_rows x;
  if (csv_parse(&parser, text.data(), text.size(), end_cell, end_row, &x) != text.size() ||
      csv_fini(&parser, end_cell, end_row, &x) != 0)
    damaged(path, csv_strerror(csv_error(&parser)));
  return std::move(x.rows);
}

} // namespace

report_table::report_table(std::filesystem::path path)
    : path_{std::move(path)}, cells_{parse(path_)} {
  if (cells_.empty())
    damaged(path_, "it has no header");
  header_ = std::move(cells_.front());
  cells_.erase(cells_.begin());
  for (std::size_t row = 0; row < cells_.size(); ++row)
    if (cells_[row].size() != header_.size())
      damaged(path_, fmt::format("row {} has {} values, the header has {}", row + 1,
                                 cells_[row].size(), header_.size()));
}

bool report_table::has(std::string_view column) const {
  return std::find(header_.begin(), header_.end(), column) != header_.end();
}

std::size_t report_table::index_of(std::string_view column) const {
  const auto at = std::find(header_.begin(), header_.end(), column);
  if (at == header_.end())
    damaged(path_, fmt::format("it has no column {}", column));
  return static_cast<std::size_t>(at - header_.begin());
}

std::vector<double> report_table::numbers(std::string_view column) const {
  const auto index = index_of(column);
  std::vector<double> values;
  values.reserve(cells_.size());
  for (std::size_t row = 0; row < cells_.size(); ++row) {
    const auto& text = cells_[row][index];
    const auto* end = text.data() + text.size();
    auto value = std::nan("");
    const auto read = std::from_chars(text.data(), end, value);
    if (!text.empty() && (read.ec != std::errc{} || read.ptr != end))
      damaged(path_, fmt::format("row {}: {} is '{}', expected a number", row + 1, column, text));
    values.push_back(value);
  }
  return values;
}

} // namespace adsp::apps
