// Rows and cells of a table in text.
#pragma once

#include "learning/data/text/text_blocks.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace adsp::learning {

/// Whether `x` can separate the cells of a table: one character without another meaning.
bool is_delimiter(std::string_view x);

/// Rows of a table in text (RFC 4180): cells separated by a character, quotes around whole cells
/// where they are needed, lines that end in LF or CR LF; empty lines are skipped.
class text_rows {
public:
  text_rows(const std::filesystem::path& file, char delimiter)
      : blocks_(file), delimiter_(delimiter) {}

  /// Reads a text in memory; `name` is its name in errors.
  text_rows(std::string name, std::string_view text, char delimiter)
      : blocks_(std::move(name), text), delimiter_(delimiter) {}

  /// The cells of the next row, valid until the next call, with the spaces around unquoted cells
  /// removed; false at the end of the file.
  bool next(std::vector<std::string_view>& cells);

  /// The cells of the row as numbers: for a plain decimal number of at most 15 digits the nearest
  /// double, NaN for other cells, which `number_of` may still read.
  std::span<const double> numbers() const { return numbers_; }

  /// Reads the file to its end and counts its rows by the line ends outside quotes, without parsing
  /// them.
  std::uint64_t count();

  /// The first line of the row read last.
  std::size_t line() const { return line_; }
  const std::string& name() const { return blocks_.name(); }

  /// The checksum of the bytes read so far; that of the file once its end has been reached.
  std::uint64_t checksum() const { return blocks_.checksum(); }

  [[noreturn]] void fail(const std::string& what) const;
  [[noreturn]] void fail(std::size_t line, const std::string& what) const;

private:
  char* other_cell(char* at, char* end, bool quotes, std::vector<std::string_view>& cells);
  char* quoted_cell(char* at, char* end, std::vector<std::string_view>& cells);
  bool read_row(std::vector<std::string_view>& cells);
  char* row_end(bool& quotes);

  text_blocks blocks_;
  char delimiter_;
  std::vector<double> numbers_;
  std::size_t line_ = 0;
  std::size_t next_line_ = 1;
};

} // namespace adsp::learning
