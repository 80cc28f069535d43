// A CSV file with a header (RFC 4180), its columns found by name. A last row without an end is left
// out.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace adsp::apps {

class report_table {
public:
  /// Throws std::runtime_error naming the file, as all that read.
  explicit report_table(std::filesystem::path path);

  std::size_t rows() const { return cells_.size(); }
  bool has(std::string_view column) const;

  /// All values of a column; "nan" and "inf" are numbers, an empty cell is none: NaN.
  std::vector<double> numbers(std::string_view column) const;

private:
  std::size_t index_of(std::string_view column) const;

  std::filesystem::path path_;
  std::vector<std::string> header_;
  std::vector<std::vector<std::string>> cells_; ///< each row as long as the header
};

} // namespace adsp::apps
