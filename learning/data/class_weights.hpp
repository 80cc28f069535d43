// Weights against classes of unequal size.
#pragma once

#include "learning/data/dataset.hpp"

namespace adsp::learning {

/// samples / (classes x samples of the class), so that every class weighs alike and the mean weight
/// of a sample is 1 when each class has some; 1 for a class without any.
std::vector<float> balanced_weights(const dataset& samples);

} // namespace adsp::learning
