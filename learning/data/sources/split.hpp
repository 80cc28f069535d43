// The training and the test part of one file of numbers.
#pragma once

#include "learning/data/data_options.hpp"
#include "learning/data/dataset.hpp"
#include "learning/data/preprocessing.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace adsp::learning {

/// Checks data.bins and data.train_share, which may be 0 where no row trains. Throws `data_error`.
void check_number_options(const data_options& options);

/// Throws `data_error` where a part of the file trained and the file is another one now: only the
/// same split of the same file says which rows test.
void check_same_file(const data_options& options, const file_mark& then, const file_mark& now);

/// How many of `count` rows or values are for training.
std::size_t training_part(const data_options& x, std::size_t count);

/// How many of `count` samples a limit leaves.
std::size_t limited(std::size_t count, std::uint32_t limit);

/// For each row, where the split puts it: the rows that train, those within data.train_limit first,
/// then those that test, likewise. A shuffle that is the same for every job decides which is which;
/// they keep their order.
std::vector<std::uint32_t> split_places(const data_options& options, std::uint64_t rows);

/// Throws when a scaled value is more than a float can hold.
void check_finite(const data_options& options, const dataset& data);

} // namespace adsp::learning
