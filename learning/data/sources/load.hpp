// Reads the data of a job.
#pragma once

#include "learning/data/data_options.hpp"
#include "learning/data/dataset.hpp"

#include <cstdint>

namespace adsp::learning {

/// What of a data set is wanted.
enum class parts : std::uint8_t {
  both,
  training, ///< the test part may be left empty, and files that hold nothing else need not be there
};

/// Reads what `options` names. Throws `data_error`.
train_and_test load(const data_options& options, parts which = parts::both);

/// The test part of what `options` names, its samples made as those of training were: nothing is fitted,
/// `saved`, `input` and `classes` are what was then. Files that hold training samples only need not
/// be there. Throws `data_error`, also where the file that was split is another one now.
dataset load_test(const data_options& options, const preprocessing& saved, const shape& input,
                  std::int32_t classes);

} // namespace adsp::learning
