// Which states of a job are worth returning to, and when it has gone astray.
#pragma once

#include "sync/types.hpp"

#include <cstdint>

namespace adsp::sync {

/// What an evaluation says of the parameters.
enum class health : std::uint8_t {
  good,     ///< worth keeping
  doubtful, ///< worse than usual; not to be kept, nothing to be done yet
  diverged, ///< far above what has been reached, several times in a row; it may still come back
  lost,     ///< not finite, or far above where it began
};

class divergence_guard {
public:
  /// Takes the next global loss.
  health evaluated(double loss);

  /// The job is back at the last good state.
  void restored() {
    bad_in_a_row_ = 0;
    usual_ = best_;
  }

private:
  double first_ = -1; ///< the first loss; negative: none yet
  double usual_ = -1; ///< smoothed loss; negative: none yet
  double best_ = -1;  ///< the least of it
  int bad_in_a_row_ = 0;
};

} // namespace adsp::sync
