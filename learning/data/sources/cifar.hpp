// CIFAR-10 in its binary form (Krizhevsky, 2009): files of records of a label and an image's
// planes.
#pragma once

#include "learning/data/sources/load.hpp"

namespace adsp::learning {

/// Reads data_batch_1.bin to data_batch_5.bin and test_batch.bin of the folder `x.path`, or only as
/// many of them as the limits need. Each of a file's records has a byte of label, 0 to 9, and
/// 3 planes (red, green, blue) of 32 x 32 bytes; a sample is 32 x 32 x 3, divided by 255. Throws
/// `data_error`.
train_and_test load_cifar10(const data_options& x, parts which = parts::both);

/// test_batch.bin alone.
dataset load_cifar10_test(const data_options& x);

} // namespace adsp::learning
