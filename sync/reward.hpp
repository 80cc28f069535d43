// How fast the loss falls: a curve fitted to the losses of a probe, and the inverse of the time it
// needs to reach the reference loss (Hu, Wang, Wu, AAAI-20, section 4).
#pragma once

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

/// Least squares over a3 in [0, smallest loss): for a fixed a3 the curve is linear in 1/(l - a3), with
/// weights that make the residual that of the loss itself. Nothing for fewer than 3 samples, equal
/// times, values that are not finite, or a curve that does not fall.
std::optional<loss_curve> fit_loss_curve(std::span<const loss_sample> samples);

/// r = a1^2 / (1/(l_ref - a3) - a2), in 1/seconds. 0, the worst, where it is undefined: no curve, l_ref
/// at or below a3, or reached already.
double reward(std::span<const loss_sample> samples, double reference_loss);

} // namespace adsp::sync
