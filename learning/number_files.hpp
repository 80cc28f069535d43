// Readers of numbers in text: tables with a header (CSV, RFC 4180) and plain lists.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace adsp::learning {

/// Columns of numbers.
struct number_table {
  std::vector<std::string> names;
  std::vector<double> cells; ///< row by row, names.size() a row

  std::size_t rows() const { return names.empty() ? 0 : cells.size() / names.size(); }
};

/// Reads the column `target` of a CSV file, then `features` (empty: all others), in that order; the
/// cells of columns that are not read may be anything. Every row must have as many cells as the
/// header. Throws `data_error`.
number_table read_csv(const std::filesystem::path& file, const std::string& target,
                      const std::vector<std::string>& features);

/// Reads one column of a CSV file. Throws `data_error`.
std::vector<double> read_column(const std::filesystem::path& file, const std::string& name);

/// Reads a file of one number a line; empty lines do not count. Throws `data_error`.
std::vector<double> read_numbers(const std::filesystem::path& file);

} // namespace adsp::learning
