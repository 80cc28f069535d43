// The training and the test part of one file of numbers.
#pragma once

#include "learning/data/data_options.hpp"
#include "learning/data/dataset.hpp"
#include "learning/data/preprocessing.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace adsp::learning {

/// Checks data.bins and data.train_share, which may be 0 if no row trains. Throws `data_error`.
void check_number_options(const data_options& options);

/// Throws `data_error` if a part of the file was used for training and the file has changed since:
/// only the same split of the same file tells which rows are test rows.
void check_same_file(const data_options& options, const file_mark& then, const file_mark& now);

/// How many of `count` rows or values are for training.
std::size_t training_part(const data_options& x, std::size_t count);

/// `count`, but at most `limit` unless that is 0.
std::size_t limited(std::size_t count, std::uint32_t limit);

/// The place of each row in the split: training rows first, then test rows, in both parts those
/// within the limit first. A shuffle that is the same for every job assigns the rows; within a part
/// they keep their order.
std::vector<std::uint32_t> split_places(const data_options& options, std::uint64_t rows);

/// Throws if a scaled value exceeds what a float can hold.
void check_finite(const data_options& options, const dataset& data);

} // namespace adsp::learning
