// Data sets out of files of numbers.
#pragma once

#include "learning/data/data_options.hpp"
#include "learning/data/dataset.hpp"
#include "learning/data/density_bins.hpp"

#include <string_view>

namespace adsp::learning {

/// Rows of text: the class or value of the column `target`, from `features`. A seeded shuffle, the
/// same for every job, decides which rows train; what is fitted is fitted to all training rows.
/// Throws `data_error`.
train_and_test load_csv(const data_options& x);

/// Lines of a label and index:value pairs, the indices from 1 up and ascending (LIBSVM); the
/// numbers that are left out are 0. Another file tests, or some lines, chosen as rows of a table
/// are. Throws `data_error`.
train_and_test load_libsvm(const data_options& x);

/// A list of numbers: the class or value of the number `horizon` after a window. The first values
/// train, the others test; no window has values of both. Mean and deviation are those of all
/// training values. Throws `data_error`.
train_and_test load_series(const data_options& x);

// The test parts of these, made with what was fitted before and is checked by the caller.

dataset load_csv_test(data_options x, const preprocessing& saved);
dataset load_libsvm_test(const data_options& x, const preprocessing& saved, std::uint64_t features);
dataset load_series_test(const data_options& x, const preprocessing& saved);

/// The options of a table with the columns that `saved` was fitted to, whatever they were.
data_options with_columns_of(const preprocessing& saved, data_options x);

/// What the options ask for: "bins", "classification" or "regression".
std::string task_of(const data_options& x);

// Parts of these.

/// Whether it can separate the cells of a table: one character that has no other meaning.
bool is_delimiter(std::string_view x);

/// Checks what files of numbers need; a train_share of 0 may be, where none of them trains. Throws
/// `data_error`.
void check_number_options(const data_options& x);

/// Where a part of the file trained, the others are known only by the same split of the same file:
/// throws `data_error` when it is another one now.
void check_same_file(const data_options& x, const file_mark& then, const file_mark& now);

/// How many of `count` rows or values are for training.
std::size_t training_part(const data_options& x, std::size_t count);

/// How many of `count` samples a limit leaves.
std::size_t limited(std::size_t count, std::uint32_t limit);

/// For each row, where the split puts it: the rows that train, those within data.train_limit first,
/// then those that test, likewise. A shuffle that is the same for every job decides which is which;
/// they keep their order.
std::vector<std::uint32_t> split_places(const data_options& x, std::uint64_t rows);

/// Throws when a scaled value is more than a float can hold.
void check_finite(const data_options& x, const dataset& data);

} // namespace adsp::learning
