// A source of data: all that depends on data.source stands in one value, which the file of the
// source makes and the table in data_sources.cpp lists.
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

/// What was fitted to the training samples of a model, and what it takes and gives.
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

/// What a row of a file is to `adsp predict`.
enum class row_kind : std::uint8_t {
  numbers, ///< the numbers of a sample, in their order; scaled as the one fitted column, if any
  pixels,  ///< the same from 0 to 255
  columns, ///< the cells of fitted columns, found by their names
};

struct data_source {
  std::string_view name = {}; ///< in data.source

  /// What data.path names, for the error where it is empty; empty: it may be.
  std::string_view path = {};

  /// The keys of [data] that it reads, beside "source", "partition" and "alpha".
  std::vector<std::string_view> keys = {};

  /// What data.task may be, first what it is where it is not set; empty: the source knows one only.
  std::vector<std::string_view> tasks = {};

  bool classes = true; ///< whether its labels tell classes apart, if it has labels
  bool tokens = false; ///< whether its numbers may be words for an embedding
  row_kind rows = row_kind::numbers;
  std::string_view items = "rows"; ///< what a file consists of

  /// Reads the samples. Throws `data_error`.
  train_and_test (*load)(const data_options&, parts) = nullptr;

  /// Reads the test samples, made as those of training were. Throws `data_error`.
  dataset (*load_test)(const data_options&, const fitted_data&) = nullptr;

  /// Where the classes of the training samples stand, for an error message; null: in data.path.
  std::string (*training_file)(const data_options&) = nullptr;

  /// Throws `data_error` with the place of a wrong number in `file`, if it is there; null: the
  /// source has no text. `preprocessing` is that of the samples.
  void (*refuse_number)(const data_options&, const preprocessing&, const std::string& file,
                        const wrong_number&) = nullptr;

  /// Whether it reads the key of [data].
  bool reads(std::string_view key) const;
};

/// The error of a model whose `preprocessing` does not make samples of its source.
inline constexpr auto not_prepared =
    "the model does not say how its data were prepared; train it again";

/// All sources.
std::span<const data_source> data_sources();

/// The source of that name, or null.
const data_source* find_source(std::string_view name);

/// The source of the data. Throws `data_error` where there is none of its name.
const data_source& source_of(const data_options& options);

/// What the options ask for: "bins", "classification" or "regression".
std::string task_of(const data_options& options);

/// Whether the test samples have a file of their own.
bool has_test_file(const data_options& x);

/// The file or folder with the test samples; empty: they are in none.
const std::string& tested_file(const data_options& x);

} // namespace adsp::learning
