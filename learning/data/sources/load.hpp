// Reads the data of a job.
#pragma once

#include "learning/data/data_options.hpp"
#include "learning/data/dataset.hpp"

#include <cstdint>

namespace adsp::learning {

/// Which parts of a data set to read.
enum class parts : std::uint8_t {
  both,
  training, ///< the test part may be left empty, and files that hold nothing else may be missing
};

/// Reads what `options` names. Throws `data_error`.
train_and_test load(const data_options& options, parts which = parts::both);

/// Reads the test part of what `options` names and prepares its samples like the training samples:
/// nothing is fitted; `saved`, `input` and `classes` are those of training. Files that hold only
/// training samples may be missing. Throws `data_error`, also if the file that was split has
/// changed.
dataset load_test(const data_options& options, const preprocessing& saved, const shape& input,
                  std::int32_t classes);

} // namespace adsp::learning
