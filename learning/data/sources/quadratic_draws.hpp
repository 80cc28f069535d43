// Random samples around a known optimum: the data of the quadratic model.
#pragma once

#include "learning/data/dataset.hpp"

#include <cstdint>

namespace adsp::learning {

/// Trains on `samples` draws around the optimum, which is 1 in each dimension, and tests on the
/// optimum itself. The draws are always the same.
train_and_test quadratic_data(std::uint32_t samples, std::uint32_t dimensions, double noise);

} // namespace adsp::learning
