#include "learning/training/iterate_average.hpp"

#include <algorithm>

namespace adsp::learning {

void iterate_average::add(std::span<float> state) {
  if (++states_ == 1) {
    mean_.assign(state.begin(), state.end());
    return;
  }
  const auto weight = static_cast<float>((decay + 1) / (static_cast<double>(states_) + decay));
  for (std::size_t i = 0; i < state.size(); ++i) {
    mean_[i] += weight * (state[i] - mean_[i]);
    state[i] = mean_[i];
  }
}

} // namespace adsp::learning
