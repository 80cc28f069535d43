// The average of the latest states of a sequence. It has much less of the jitter that stochastic
// gradients cause in single states.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace adsp::learning {

/// Averaging with polynomial decay (Shamir and Zhang, ICML 2013): after t states
///     mean_t = (1 - a) mean_{t-1} + a w_t,   a = (decay + 1) / (t + decay),
/// so that roughly the last t / (decay + 1) states count.
class iterate_average {
public:
  static constexpr double decay = 16;

  /// Adds the state and replaces it with the average. All states have the same size.
  void add(std::span<float> state);

  /// Starts over with the next state.
  void restart() { states_ = 0; }

private:
  std::uint64_t states_ = 0;
  std::vector<float> mean_;
};

} // namespace adsp::learning
