// The lines of a LIBSVM file: a label and index:value pairs, the indices from 1 up and ascending.
#pragma once

#include "learning/data/text/text_blocks.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace adsp::learning {

/// A dense sample has every feature up to the largest index.
inline constexpr std::uint64_t max_sparse_index = std::uint64_t{1} << 30;

/// Reads the lines that hold a sample, one after another. A malformed line throws `data_error`.
class sparse_lines {
public:
  explicit sparse_lines(const std::string& file) : lines_(file) {}

  /// Goes to the next sample; false at the end of the file.
  bool next();

  std::string_view label() const { return label_; }
  double label_number() const;

  struct feature {
    std::uint64_t index; ///< from 1
    double value;
  };

  /// The next number of the sample, or nothing.
  std::optional<feature> next_feature();

  std::size_t line() const { return lines_.line(); }

  /// The file's checksum, once its end has been reached.
  std::uint64_t checksum() const { return lines_.checksum(); }
  [[noreturn]] void fail_at(std::size_t line, const std::string& what) const;

  /// Throws "FILE:LINE: column N: found TEXT, expected ..." for the number read last.
  [[noreturn]] void fail_at_feature(const std::string& expected) const;

private:
  std::string_view word();

  text_lines lines_;
  std::string_view rest_;
  std::string_view label_;
  std::string_view word_;  ///< the word read last
  std::size_t column_ = 0; ///< its place in the line, from 1
  std::uint64_t last_ = 0; ///< index read last
};

} // namespace adsp::learning
