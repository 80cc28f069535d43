#include "apps/report/report_table.hpp"

#include "apps/report/report_data.hpp"
#include "learning/data/text/cell_text.hpp"
#include "learning/data/text/text_rows.hpp"
#include "learning/data_error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <stdexcept>

namespace adsp::apps {

namespace {

[[noreturn]] void damaged(const std::filesystem::path& path, const std::string& how) {
  throw std::runtime_error{fmt::format("{}: the file is damaged: {}", path.string(), how)};
}

std::vector<std::vector<std::string>> parse(const std::filesystem::path& path) try {
  // A snapshot: the run may go on and write.
  const auto text = whole_lines(file_text(path));
  learning::text_rows from{path.string(), text, ','};
  std::vector<std::vector<std::string>> rows;
  for (std::vector<std::string_view> cells; from.next(cells);)
    rows.emplace_back(cells.begin(), cells.end());
  return rows;
} catch (const learning::data_error& error) {
  throw std::runtime_error{fmt::format("{}; the file is damaged", error.what())};
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
      damaged(path_, fmt::format("row {} has {}, the header has {}", row + 1,
                                 learning::counted(cells_[row].size(), "value"), header_.size()));
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
