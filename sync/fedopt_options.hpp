// Options of federated optimisation with an adaptive server (Reddi et al., ICLR 2021).
#pragma once

#include <cstdint>

namespace adsp::sync {

/// How the server turns the mean of a round into a step.
enum class adaptive_rule : std::uint8_t { adam, yogi };

struct fedopt_options {
  adaptive_rule rule = adaptive_rule::adam;
  double beta2 = 0.99;      ///< decay of the mean of squares, 0 <= beta2 < 1
  double adaptivity = 1e-3; ///< tau: added to its root
};

} // namespace adsp::sync
