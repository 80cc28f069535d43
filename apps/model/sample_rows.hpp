// Turns the rows of a CSV file into samples of a saved model, prepared as in its training.
#pragma once

#include "apps/model/model_file.hpp"

#include <cstddef>
#include <memory>
#include <span>
#include <string>

namespace adsp::apps {

class sample_rows {
public:
  virtual ~sample_rows() = default;

  /// Makes a sample of the next row, with as many numbers as the model's input; false at the end.
  /// Throws a learning::data_error that names file and line.
  virtual bool next(std::span<float> into) = 0;

  /// The first line of the row read last.
  virtual std::size_t line() const = 0;
};

/// A model of a table takes columns by their names. Other models take a row of as many numbers as a
/// sample has: the window of a series in the units of its file, an image's pixels from 0 to 255, a
/// line's features. `saved` must outlive the result. Throws std::runtime_error if the model
/// predicts nothing from rows; errors name `model`.
std::unique_ptr<sample_rows> open_rows(const saved_model& saved, const std::string& model,
                                       const std::string& path);

} // namespace adsp::apps
