// Decides which states of a job are worth returning to, and when training has diverged.
#pragma once

#include "sync/types.hpp"

#include <cstdint>
#include <limits>

namespace adsp::sync {

/// The verdict of an evaluation on the parameters.
enum class health : std::uint8_t {
  good,     ///< worth keeping
  doubtful, ///< worse than usual: not kept, but nothing is done yet
  diverged, ///< far above the best loss, several times in a row; it may still recover
  lost,     ///< not finite, or far above the first loss
};

class divergence_guard {
public:
  /// Takes the next global loss and the share of correct predictions (NaN for a regression).
  health evaluated(double loss, double accuracy);

  /// The job is back at the last good state.
  void restored();

  /// Whether another return is worth while: not after five in a row without a loss below the best
  /// one before them. The evaluation of the restored state itself does not count as progress.
  bool may_return() const;

  /// Factor on the server's rate: halved by each return, but never below 1/64: a rate that small no
  /// longer trains.
  double rate_factor() const;

private:
  /// Whether the loss is far above the best one and the accuracy has fallen with it.
  bool is_bad(double loss, double accuracy) const;

  double first_ = -1;                                        ///< the first loss; negative: none yet
  double usual_ = -1;                                        ///< smoothed loss; negative: none yet
  double best_ = -1;                                         ///< least of them
  double reached_ = std::numeric_limits<double>::infinity(); ///< least loss of a good state
  double first_accuracy_ = -1;                               ///< negative: none yet
  double best_accuracy_ = -1;                                ///< the highest; negative: none yet
  int bad_in_a_row_ = 0;
  std::uint32_t returns_ = 0;
  std::uint32_t vain_returns_ = 0; ///< returns since `reached_` last fell
};

} // namespace adsp::sync
