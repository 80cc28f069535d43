// Files are fed to the parser line by line: memory grows with the file, and the line of a mistake
// is known.
#include "learning/number_files.hpp"

#include "learning/dataset.hpp"

#include <csv.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <iterator>
#include <limits>
#include <new>
#include <optional>
#include <string_view>

namespace adsp::learning {

namespace {

namespace fs = std::filesystem;

/// Lines of a regular file, counted.
class line_reader {
public:
  explicit line_reader(fs::path file) : file_(std::move(file)), in_(file_, std::ios::binary) {
    std::error_code ignored;
    if (!in_ || !fs::is_regular_file(file_, ignored))
      throw data_error(file_.string() + ": cannot be read; expected a text file");
  }

  /// The next line, without its end; false at the end of the file.
  bool next(std::string& into) {
    if (!std::getline(in_, into)) {
      if (in_.bad())
        throw data_error(file_.string() + ": cannot be read to its end");
      return false;
    }
    if (++line_ == 1 && into.starts_with("\xef\xbb\xbf")) // a byte order mark
      into.erase(0, 3);
    return true;
  }

  data_error wrong(const std::string& text) const {
    return data_error(file_.string() + ":" + std::to_string(line_) + ": " + text);
  }

private:
  fs::path file_;
  std::ifstream in_;
  std::size_t line_ = 0;
};

/// For an error message: short, and in one line.
std::string shown(std::string_view x) {
  std::string text = "\"";
  for (const char c : x.substr(0, 40))
    text += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
  return text + (x.size() > 40 ? "...\"" : "\"");
}

std::string_view trimmed(std::string_view x) {
  auto first = x.find_first_not_of(" \t\r");
  return first == x.npos ? "" : x.substr(first, x.find_last_not_of(" \t\r") - first + 1);
}

/// A number that a float can hold, or nothing.
std::optional<double> number_of(std::string_view x) {
  if (x.size() > 1 && x[0] == '+' && x[1] != '-')
    x.remove_prefix(1);
  double value = 0;
  const auto* end = x.data() + x.size();
  if (auto [stop, error] = std::from_chars(x.data(), end, value);
      error != std::errc{} || stop != end)
    return std::nullopt;
  // False for NaN as well.
  return std::abs(value) <= std::numeric_limits<float>::max() ? std::optional(value) : std::nullopt;
}

/// Where each wanted column stands in the header.
std::vector<std::size_t> positions(const std::vector<std::string>& header,
                                   const std::vector<std::string>& wanted,
                                   const line_reader& from) {
  std::vector<std::size_t> result;
  for (const auto& name : wanted) {
    auto at = std::find(header.begin(), header.end(), name);
    if (at == header.end()) {
      std::string known;
      for (const auto& x : header)
        known += (known.empty() ? "" : ", ") + shown(x);
      throw from.wrong("has no column " + shown(name) + ", expected one of " + known);
    }
    result.push_back(static_cast<std::size_t>(at - header.begin()));
  }
  return result;
}

/// libcsv with its callbacks collecting the cells of a row. They run in C, and do not throw.
class csv_rows {
public:
  csv_rows() {
    if (csv_init(&parser_, CSV_STRICT | CSV_STRICT_FINI) != 0)
      throw std::bad_alloc();
  }
  csv_rows(const csv_rows&) = delete;
  csv_rows& operator=(const csv_rows&) = delete;
  ~csv_rows() { csv_free(&parser_); }

  /// The next row that is not empty; false at the end of the file.
  bool next(line_reader& from, std::vector<std::string>& row) {
    cells_.clear();
    complete_ = false;
    while (!complete_) {
      if (!from.next(line_)) {
        check(csv_fini(&parser_, on_cell, on_row, this) == 0, from);
        break;
      }
      line_ += '\n';
      check(csv_parse(&parser_, line_.data(), line_.size(), on_cell, on_row, this) == line_.size(),
            from);
    }
    row.swap(cells_);
    return complete_;
  }

private:
  static void on_cell(void* text, std::size_t size, void* self) noexcept {
    static_cast<csv_rows*>(self)->cells_.emplace_back(static_cast<const char*>(text), size);
  }

  static void on_row(int, void* self) noexcept { static_cast<csv_rows*>(self)->complete_ = true; }

  void check(bool good, const line_reader& from) {
    if (!good)
      throw from.wrong(std::string("is no CSV: ") + csv_strerror(csv_error(&parser_)) +
                       "; expected cells separated by commas, quotes only around whole cells");
  }

  csv_parser parser_;
  std::string line_;
  std::vector<std::string> cells_;
  bool complete_ = false;
};

} // namespace

number_table read_csv(const fs::path& file, const std::string& target,
                      const std::vector<std::string>& features) {
  line_reader lines(file);
  csv_rows rows;
  std::vector<std::string> row;
  if (!rows.next(lines, row))
    throw data_error(file.string() + ": is empty, expected a header and rows");
  const auto header = row;
  for (auto x = header.begin(); x != header.end(); ++x)
    if (std::find(header.begin(), x, *x) != x)
      throw lines.wrong("has two columns " + shown(*x) + ", expected different names");
  number_table result;
  result.names = features;
  if (features.empty())
    std::copy_if(header.begin(), header.end(), std::back_inserter(result.names),
                 [&](const std::string& x) { return x != target; });
  result.names.insert(result.names.begin(), target);
  const auto columns = positions(header, result.names, lines);
  while (rows.next(lines, row)) {
    if (row.size() != header.size())
      throw lines.wrong("has " + std::to_string(row.size()) + " cells, expected " +
                        std::to_string(header.size()) + " as the header");
    for (auto column : columns) {
      auto value = number_of(row[column]);
      if (!value)
        throw lines.wrong("column " + shown(header[column]) + ": found " + shown(row[column]) +
                          ", expected a finite number");
      result.cells.push_back(*value);
    }
  }
  return result;
}

std::vector<double> read_column(const fs::path& file, const std::string& name) {
  const auto table = read_csv(file, name, {name}); // the column twice
  std::vector<double> result;
  for (std::size_t i = 0; i < table.cells.size(); i += 2)
    result.push_back(table.cells[i]);
  return result;
}

std::vector<double> read_numbers(const fs::path& file) {
  line_reader lines(file);
  std::vector<double> result;
  for (std::string line; lines.next(line);) {
    auto text = trimmed(line);
    if (text.empty())
      continue;
    auto value = number_of(text);
    if (!value)
      throw lines.wrong("found " + shown(text) + ", expected one finite number a line");
    result.push_back(*value);
  }
  return result;
}

} // namespace adsp::learning
