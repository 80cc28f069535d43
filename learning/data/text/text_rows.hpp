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

/// Whether it can separate the cells of a table: one character that has no other meaning.
bool is_delimiter(std::string_view x);

/// Rows of a table in text (RFC 4180): cells separated by a character, quotes around whole cells
/// where they are needed, lines that end in LF or CR LF; empty lines are no rows.
class text_rows {
public:
  text_rows(const std::filesystem::path& file, char delimiter)
      : blocks_(file), delimiter_(delimiter) {}

  /// Of a text in memory; `name` stands for it in errors.
  text_rows(std::string name, std::string_view text, char delimiter)
      : blocks_(std::move(name), text), delimiter_(delimiter) {}

  /// The cells of the next row, valid until the next call, without spaces around those that are not
  /// quoted; false at the end of the file.
  bool next(std::vector<std::string_view>& cells);

  /// The cells of the row that are plain decimal numbers of at most 15 digits, read on the way: the
  /// nearest double; NaN for others, which `number_of` may still read.
  std::span<const double> numbers() const { return numbers_; }

  /// Reads the file to its end and says how many rows it has, by the line ends outside quotes; does
  /// not look into them.
  std::uint64_t count();

  /// The line where the row read last begins.
  std::size_t line() const { return line_; }
  const std::string& name() const { return blocks_.name(); }

  /// Of the bytes read so far: of the file, when its end has been reached.
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
