// How far the server moves on a commit, so that concurrent updates do not add up to a larger move
// than each of them intended.
//
// A worker's update U_i is relative to its base B_i, the parameters it last received. Meanwhile the
// others have moved W. Applied as published, W <- W - eta U_i, the same correction, which each
// worker found by itself, is made M times, a round late: W oscillates, and diverges if eta exceeds
// about 1.5 / M. Damped, a commit takes back a share of what has happened since:
//     W <- W - eta (U_i + kappa (W - B_i))
// kappa = 0 is the published commit; kappa = 1 moves W towards the worker's own parameters, as
// elastic averaging does (Zhang, Choromanska, LeCun, NIPS 2015).
//
// Where a worker arrives at the optimum between two commits, U_i = B_i - W*, and x = W - W* obeys
//     x <- (1 - eta kappa) x - eta (1 - kappa) (x as it was at the base).
// With kappa = 1/2 and eta <= 2 the factors sum to at most 1, so that |x| never exceeds its
// previous maximum, whatever the delays. Where the optimum is far away and all updates are alike,
// U_i = U, a round of M commits moves W by M eta / (1 + eta kappa (M - 1)) times U: 1 as published,
// and here, with eta = damped_gain / M, up to 1.8.
#pragma once

#include <algorithm>
#include <cstddef>

namespace adsp::sync {

/// kappa of a damped commit: the least that is stable with any delay.
inline constexpr float damping = 0.5F;

/// eta M of damped commits, as long as eta is at most 1.
inline constexpr double damped_gain = 8;

/// eta for `workers` workers, M.
inline double default_rate(std::size_t workers, bool damped) {
  const auto m = static_cast<double>(std::max<std::size_t>(1, workers));
  return damped ? std::min(1.0, damped_gain / m) : 1 / m;
}

} // namespace adsp::sync
