// Which states of a job are worth returning to, and when it has gone astray.
#pragma once

#include "sync/types.hpp"

#include <cstdint>
#include <limits>

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
  /// Takes the next global loss, and the share of correct predictions; NaN: numbers are predicted.
  health evaluated(double loss, double accuracy);

  /// The job is back at the last good state.
  void restored();

  /// Whether another return is worth while: not after five without a loss below what was reached
  /// before them. That the restored state is evaluated as what it is proves nothing.
  bool may_return() const;

  /// Factor on the server's rate: halved by each return, but never below 1/64: a rate that small no
  /// longer trains.
  double rate_factor() const;

private:
  /// Whether the loss is far above what has been reached, and the accuracy has fallen with it.
  bool is_bad(double loss, double accuracy) const;

  double first_ = -1;                                        ///< the first loss; negative: none yet
  double usual_ = -1;                                        ///< smoothed loss; negative: none yet
  double best_ = -1;                                         ///< the least of it
  double reached_ = std::numeric_limits<double>::infinity(); ///< least loss of a good state
  double first_accuracy_ = -1;                               ///< negative: none yet
  double best_accuracy_ = -1;                                ///< the highest; negative: none yet
  int bad_in_a_row_ = 0;
  std::uint32_t returns_ = 0;
  std::uint32_t vain_returns_ = 0; ///< of these since `reached_` fell
};

} // namespace adsp::sync
