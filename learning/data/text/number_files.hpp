// Readers of lists of numbers in text: a column of a table, or a number a line.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace adsp::learning {

/// Reads one column of a CSV file with a header; the cells of others may be anything, but every row
/// must have as many cells as the header. Throws `data_error`.
std::vector<double> read_column(const std::filesystem::path& file, const std::string& name);

/// Reads a file of one number a line; empty lines do not count. Throws `data_error`.
std::vector<double> read_numbers(const std::filesystem::path& file);

} // namespace adsp::learning
