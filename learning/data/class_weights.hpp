// Class weights that compensate for unequal class sizes.
#pragma once

#include "learning/data/dataset.hpp"

namespace adsp::learning {

/// samples / (classes x samples of the class), so that all classes weigh the same, and the mean
/// weight of a sample is 1 if no class is empty; 1 for an empty class.
std::vector<float> balanced_weights(const dataset& samples);

} // namespace adsp::learning
