// Reads the rows and cells of a table's file that the options select.
#pragma once

#include "learning/data/data_options.hpp"
#include "learning/data/preprocessing.hpp"
#include "learning/data/text/table_header.hpp"

#include <cmath>
#include <string>
#include <string_view>
#include <vector>

namespace adsp::learning {

/// Throws `data_error` for options that no table can have.
void check_table_options(const data_options& options);

/// Reads the selected cells, row by row.
class table_file {
public:
  /// `options` must outlive it.
  explicit table_file(const data_options& options);

  /// The features' columns, not yet fitted.
  std::vector<table_column> columns() const;

  /// The next row to use; false at the end.
  bool next() {
    do
      if (!next_row(rows_, header_, cells_))
        return false;
    while (options_.missing == "drop" && misses());
    return true;
  }

  std::string_view feature(std::size_t i) const { return cells_[positions_[i]]; }
  std::string_view target() const { return cells_[target_]; }
  std::size_t line() const { return rows_.line(); }
  [[noreturn]] void fail(std::size_t line, const std::string& what) const {
    rows_.fail(line, what);
  }

  /// The file's checksum, once its end has been reached.
  std::uint64_t checksum() const { return rows_.checksum(); }

  double target_number() const { return number(target_, options_.target); }
  double feature_number(std::size_t i, std::string_view name) const {
    return number(positions_[i], name);
  }

  /// NaN if the cell is not a plain number.
  double plain_feature(std::size_t i) const { return rows_.numbers()[positions_[i]]; }

  [[noreturn]] void fail_at(std::string_view name, std::string_view cell,
                            const char* expected) const {
    fail_at_cell(rows_, header_, name, cell, expected);
  }

  [[noreturn]] void fail_at_target(const char* expected) const {
    fail_at_cell(rows_, header_, options_.target, target(), expected);
  }

private:
  double number(std::size_t position, std::string_view name) const {
    if (const auto value = rows_.numbers()[position]; !std::isnan(value))
      return value;
    const auto value = number_of(cells_[position]);
    if (!value)
      fail_at_cell(rows_, header_, name, cells_[position], readable_number);
    return *value;
  }

  bool misses() const;

  const data_options& options_;
  text_rows rows_;
  std::vector<std::string> header_;
  std::vector<std::size_t> positions_; ///< of the features
  std::size_t target_ = 0;
  std::vector<std::string_view> cells_;
};

/// The number of rows to use, and the checksum. Reads the file to its end.
file_mark mark_of(const data_options& options);

} // namespace adsp::learning
