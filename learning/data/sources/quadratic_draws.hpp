// Draws around a known optimum, the data of a quadratic model.
#pragma once

#include "learning/data/dataset.hpp"

#include <cstdint>

namespace adsp::learning {

/// `samples` draws around the optimum, 1 in each dimension, to train on, and the optimum to test on. Always the same
/// draws.
train_and_test quadratic_data(std::uint32_t samples, std::uint32_t dimensions, double noise);

} // namespace adsp::learning
