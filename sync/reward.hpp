// How fast the loss falls: a curve fitted to the losses of a probe, and the inverse of the time it
// needs to reach the reference loss (Hu, Wang, Wu, AAAI-20, section 4).
#pragma once

#include "sync/adsp_options.hpp"
#include "sync/types.hpp"

#include <optional>
#include <span>

namespace adsp::sync {

/// A global loss, `when` seconds after the probe began.
struct loss_sample {
  seconds when = 0;
  double loss = 0;
};

/// l(t) = 1 / (slope t + a2) + a3, with slope = a1^2.
struct loss_curve {
  double slope = 0;
  double a2 = 0;
  double a3 = 0;
  double operator()(seconds t) const { return 1 / (slope * t + a2) + a3; }
};

/// Least squares over a3 in [0, smallest loss): for a fixed a3 the curve is linear in 1/(l - a3),
/// with weights that make the residual equal that of the loss itself. Nothing for fewer than 3
/// samples, equal times, values that are not finite, or a curve that does not fall.
std::optional<loss_curve> fit_loss_curve(std::span<const loss_sample> samples);

/// r = a1^2 / (1/(l_ref - a3) - a2), in 1/seconds. 0, the worst, where it is undefined: no curve,
/// l_ref at or below a3, or l_ref already reached.
double reward(std::span<const loss_sample> samples, double reference_loss);

/// A value and how uncertain it is (one standard error).
struct estimate {
  double value = 0;
  double error = 0;
};

/// Whether `expected` is better than `y` by more than three standard errors of the difference.
/// Every finite value is better than minus infinity, the worst; a value that is not finite is never
/// better.
bool surely_better(const estimate& expected, const estimate& y);

/// The mean of two independent estimates of the same quantity.
estimate mean(const estimate& x, const estimate& y);

/// How fast the logarithm of the loss falls, in 1/seconds: the median of the slopes of all pairs of
/// samples (Theil, 1950; Sen, 1968), with a standard error from the residuals' median deviation,
/// widened so that three standard errors mean the same for few samples as for many. Of more than
/// 200 samples, 200 are used, evenly chosen. Minus infinity, the worst, for fewer than 4 samples,
/// equal times or a loss that is not positive.
estimate descent(std::span<const loss_sample> samples);

/// The value of a probe under one of the two rewards.
class reward_rule {
public:
  reward_rule(reward_kind kind, double reference_loss)
      : kind_{kind}, reference_loss_{reference_loss} {}

  estimate operator()(std::span<const loss_sample> samples) const;

private:
  reward_kind kind_;
  double reference_loss_;
};

} // namespace adsp::sync
