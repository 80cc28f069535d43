// Local stochastic gradient descent of one worker.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace adsp::learning {

/// The config's [optimizer] table.
struct optimizer_options {
  double learning_rate = 0.1;    ///< eta', of a worker's local step
  double momentum = 0;           ///< of the worker's own velocity, 0 <= momentum < 1
  double decay = 1;              ///< learning_rate is multiplied by this ...
  std::uint64_t decay_every = 0; ///< ... every so many local steps; 0: never
  std::uint32_t batch_size = 64; ///< samples of a minibatch
};

/// SGD with step decay and heavy-ball momentum: v = momentum v + g; w = w - eta' v.
class sgd {
public:
  sgd(const optimizer_options& x, std::size_t parameter_count);

  /// Moves `parameters` along `gradient` (same lengths). Allocates nothing.
  void step(std::span<float> parameters, std::span<const float> gradient);

  /// Forgets the velocity, for parameters that it does not belong to. The decay counts on.
  void restart();

  /// eta' of the coming step.
  double learning_rate() const;

private:
  optimizer_options options_;
  std::vector<float> velocity_; ///< empty without momentum
  std::uint64_t steps_ = 0;
};

} // namespace adsp::learning
