// Local gradient descent of one worker: its rule and the schedule of its learning rate.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace adsp::learning {

/// The config's [optimizer] table. Steps are the worker's own steps, counted from 0.
struct optimizer_options {
  double learning_rate = 0.1;    ///< eta', of a worker's local step
  double momentum = 0;           ///< of the worker's own velocity, 0 <= momentum < 1
  double decay = 1;              ///< step, exponential: learning_rate is multiplied by this ...
  std::uint64_t decay_every = 0; ///< ... after this many local steps, again and again; 0: never
  std::uint32_t batch_size = 64; ///< samples of a minibatch
  /// "sgd", "momentum", "nesterov" or "adam"; empty: "momentum" if momentum is above 0, else "sgd"
  std::string kind = {};
  double beta1 = 0.9;    ///< adam: of the mean of gradients, 0 <= beta1 < 1
  double beta2 = 0.999;  ///< adam: of the mean of their squares, 0 <= beta2 < 1
  double epsilon = 1e-8; ///< adam: added to the root of that mean
  /// "constant", "step", "exponential" or "cosine"; empty: "step" if decay_every is above 0, else
  /// "constant"
  std::string schedule = {};
  std::uint64_t total_steps = 0;  ///< cosine: at this step the learning rate reaches `floor`
  double floor = 0;               ///< lowest rate of the schedule; warm-up begins below it
  std::uint64_t warmup_steps = 0; ///< the learning rate rises linearly over this many first steps
};

/// `x.kind`, or what an empty one stands for.
std::string optimizer_kind(const optimizer_options& options);

/// The decay of the rule's velocity or mean of gradients: 0 for sgd, beta1 for adam.
double momentum_of(const optimizer_options& options);

/// `x.schedule`, or what an empty one stands for.
std::string schedule_kind(const optimizer_options& options);

/// eta' of step t = `step`: a factor min(1, (t + 1) / warmup_steps), times
///   constant     learning_rate
///   step         learning_rate decay^floor(t / decay_every)
///   exponential  learning_rate decay^(t / decay_every)
///   cosine       floor + (learning_rate - floor) (1 + cos(pi min(1, t / total_steps))) / 2
double learning_rate_at(const optimizer_options& options, std::uint64_t step);

/// With g the gradient and w the parameters:
///   sgd       w -= eta' g
///   momentum  v = momentum v + g; w -= eta' v
///   nesterov  v = momentum v + g; w -= eta' (g + momentum v)
///   adam      m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g^2;
///             w -= eta' (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + epsilon), t steps since
///             the start or restart
///             (Kingma and Ba, 2015, algorithm 1)
class optimizer {
public:
  /// Throws std::invalid_argument for an unknown kind or schedule.
  optimizer(const optimizer_options& options, std::size_t parameter_count);

  /// Moves `parameters` along `gradient` (same lengths). Allocates nothing.
  void step(std::span<float> parameters, std::span<const float> gradient);

  /// Forgets velocity and moments, for parameters that they do not belong to. The schedule goes on.
  void restart();

  /// eta' of the coming step.
  double learning_rate() const { return learning_rate_at(options_, steps_); }

private:
  enum class rule { sgd, momentum, nesterov, adam };

  optimizer_options options_;
  rule rule_ = rule::sgd;
  std::vector<float> velocity_; ///< momentum, nesterov: v; adam: m
  std::vector<float> squares_;  ///< adam: v
  std::uint64_t steps_ = 0;
  std::uint64_t since_restart_ = 0;
};

} // namespace adsp::learning
