// What was fitted to the training rows of a table, and how it turns a row of text into a sample.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace adsp::learning {

/// A column and how its cells become numbers.
struct table_column {
  std::string name;
  double offset = 0;  ///< a number x becomes (x - offset) / divisor
  double divisor = 1; ///< 0: all training values are equal, and every number becomes 0
  double fill = 0;    ///< replaces a missing number: the mean of the training values
  bool one_hot = false;
  std::vector<std::string> categories; ///< one_hot: sorted; a number for each, 1 for the cell's own

  /// How many numbers of a sample come from this column.
  std::size_t width() const { return one_hot ? categories.size() : 1; }
  float scaled(double x) const {
    return divisor == 0 ? 0.0F : static_cast<float>((x - offset) / divisor);
  }
};

/// Identifies the content of a file.
struct file_mark {
  std::uint64_t rows = 0;     ///< or lines, or numbers
  std::uint64_t checksum = 0; ///< of its bytes; for a list, of its numbers
};

/// All members are fitted to training rows only.
struct preprocessing {
  std::string task; ///< "bins", "classification", "regression"; empty: the data is not a table
  std::string missing = "error";
  std::vector<table_column> columns;    ///< the features, in their order
  table_column target;                  ///< bins: offset and divisor are the mean and the deviation
  std::uint32_t bins = 0;               ///< of task "bins"
  std::vector<std::string> class_names; ///< task "classification": one per label; empty: numbers
  file_mark file;                       ///< the file that had the rows

  /// Numbers of a sample.
  std::size_t width() const;

  /// A row as a sample: `cells` are those of `columns`, `into` has width() numbers. A category that
  /// no training row has becomes 0 in every number of its column. Throws a `data_error` that names
  /// the column.
  void sample_of(std::span<const std::string_view> cells, std::span<float> into) const;

  /// The label of a cell of the target. Throws `data_error`.
  std::int32_t label_of(std::string_view cell) const;

  /// The value of a cell of the target (regression). Throws `data_error`.
  float value_of(std::string_view cell) const;

  /// A predicted number in the units of the file (regression).
  double restored(float value) const { return value * target.divisor + target.offset; }

  /// The name of a label: its class's name, or its number.
  std::string name_of(std::int32_t label) const;
};

} // namespace adsp::learning
