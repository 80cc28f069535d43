// The rows of a table as in its file, split into training and test rows, before anything is fitted.
#pragma once

#include "learning/data/sources/table_file.hpp"
#include "learning/data/text/text_codes.hpp"

#include <Eigen/Core>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace adsp::learning {

/// Numbers before they are scaled. A category is stored as its code, a missing cell as NaN.
template <class Scalar>
class raw_table {
public:
  using matrix = Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic>;

  /// For a file of `rows` rows. `saved`: the preprocessing fitted before, to be used again; or
  /// null. `data` must outlive it.
  raw_table(const data_options& data, std::uint64_t rows, const preprocessing* saved);

  /// Reads the file. Throws `data_error`.
  void read();

  /// Calls body(column, number) for every cell of the training rows.
  template <class Body>
  void for_training(const Body& body) const {
    const auto width = origins_.size();
    for (std::size_t row = 0; row < training; ++row) {
      const auto* cells = train.col(static_cast<Eigen::Index>(row)).data();
      for (std::size_t i = 0; i < width; ++i)
        body(i, number(i, cells[i]));
    }
  }

  /// The value of a cell of the column.
  double number(std::size_t column, Scalar cell) const { return origins_[column] + cell; }

  const data_options& options;
  table_file file;
  preprocessing prepared;      ///< the task and the columns, or those saved
  std::size_t training;        ///< training rows, regardless of the limit
  std::size_t testing;         ///< test rows within the limit
  matrix train;                ///< columns x rows
  matrix test;                 ///< columns x rows
  std::vector<double> targets; ///< numbers or codes, training rows first
  text_codes target_codes;
  std::vector<text_codes> codes; ///< of the features

private:
  Scalar* destination(std::size_t place);
  double target_cell();
  bool read_plain_features(Scalar* into) const;
  void read_features(Scalar* into);

  Eigen::Matrix<Scalar, Eigen::Dynamic, 1> unused_;
  std::vector<double> origins_; ///< what a column's cells are relative to; NaN: no cell yet
  bool has_categories_;
};

extern template class raw_table<float>;
extern template class raw_table<double>;

} // namespace adsp::learning
