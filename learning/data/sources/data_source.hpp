// A source of data: one value holds all that depends on data.source. The source's own file makes
// it, and the table in data_sources.cpp lists it.
#pragma once

#include "learning/data/data_options.hpp"
#include "learning/data/dataset.hpp"
#include "learning/data/sources/load.hpp"

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace adsp::learning {

/// What was fitted to the training samples of a model, and the model's input and output.
struct fitted_data {
  const preprocessing& prepared;
  shape input;              ///< of a sample
  std::int32_t classes = 0; ///< 0: regression
};

/// A number of a sample that the model cannot take.
struct wrong_number {
  float found;                      ///< the first one
  std::function<bool(double)> fits; ///< whether another number would do
  std::string expected;             ///< for an error message
};

/// How `adsp predict` reads a row of a file.
enum class row_kind : std::uint8_t {
  numbers, ///< the numbers of a sample, in order; scaled like the only fitted column, if any
  pixels,  ///< the same, from 0 to 255
  columns, ///< the cells of the fitted columns, found by name
};

struct data_source {
  std::string_view name = {}; ///< in data.source

  /// What data.path must name, for the error if it is empty; empty: data.path may be empty.
  std::string_view path = {};

  /// The keys of [data] that it reads, besides "source", "partition" and "alpha".
  std::vector<std::string_view> keys = {};

  /// Values of data.task, the default first; empty: the source has one task only.
  std::vector<std::string_view> tasks = {};

  bool classes = true; ///< whether its labels, if any, tell classes apart
  bool tokens = false; ///< whether its numbers may be words for an embedding
  row_kind rows = row_kind::numbers;
  std::string_view item = "row"; ///< what a file consists of

  /// Reads the samples. Throws `data_error`.
  train_and_test (*load)(const data_options&, parts) = nullptr;

  /// Reads the test samples, prepared like the training samples. Throws `data_error`.
  dataset (*load_test)(const data_options&, const fitted_data&) = nullptr;

  /// The file with the classes of the training samples, for an error message; null: data.path.
  std::string (*training_file)(const data_options&) = nullptr;

  /// Throws a `data_error` with the place of a wrong number in `file`, if it is found there; null:
  /// the source is not text. `preprocessing` is that of the samples.
  void (*refuse_number)(const data_options&, const preprocessing&, const std::string& file,
                        const wrong_number&) = nullptr;

  /// Whether it reads the key of [data].
  bool reads(std::string_view key) const;
};

/// The error for a model whose `preprocessing` cannot prepare samples of its source.
inline constexpr auto not_prepared =
    "the model does not say how its data were prepared; train it again";

/// All sources.
std::span<const data_source> data_sources();

/// The source of that name, or null.
const data_source* find_source(std::string_view name);

/// The source of the data. Throws `data_error` if there is no such source.
const data_source& source_of(const data_options& options);

/// What the options ask for: "bins", "classification" or "regression".
std::string task_of(const data_options& options);

/// Whether the test samples have a file of their own.
bool has_test_file(const data_options& x);

/// The file or folder with the test samples; empty: no file has them.
const std::string& tested_file(const data_options& x);

} // namespace adsp::learning
