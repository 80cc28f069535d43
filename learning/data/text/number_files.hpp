// Readers of lists of numbers in text: a column of a table, or one number per line.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace adsp::learning {

/// Reads one column of a CSV file with a header; other cells may be anything, but every row must
/// have as many cells as the header. Throws `data_error`.
std::vector<double> read_column(const std::filesystem::path& file, const std::string& name);

/// Reads a file of one number per line; empty lines are skipped. Throws `data_error`.
std::vector<double> read_numbers(const std::filesystem::path& file);

} // namespace adsp::learning
