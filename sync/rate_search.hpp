// The published search for the commit rate: probe 1, 2, 3, ... commits a check period, each for one
// window while training goes on, and stop at the first that is no better than the one before
// (Hu, Wang, Wu, AAAI-20, algorithm 1).
#pragma once

#include "sync/reward.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace adsp::sync {

class rate_search {
public:
  /// `window`: seconds of a probe; the search ends at `max_rate` at the latest.
  rate_search(seconds window, double reference_loss, std::uint32_t max_rate)
      : window_{window}, reference_loss_{reference_loss}, max_rate_{max_rate} {}

  /// Starts over with a probe of rate 1.
  void begin(seconds now);

  /// A global loss that was in force at `when`.
  void observe(seconds when, double loss);

  /// Ends the probe that is over at `now`, if any: the rate to go on with, of the next probe or, when
  /// `searching` is false afterwards, the best found. A probe is over when a loss at or after its
  /// window's end is known, or after twice its window.
  std::optional<double> close(seconds now);

  bool searching() const { return searching_; }
  double rate() const { return rate_; }
  std::uint64_t probes() const { return probes_; }

  /// Seconds spent in probes that are over.
  seconds search_time() const { return search_time_; }

  /// When `close` does something even without another loss; `never` when not searching.
  seconds deadline() const { return searching_ ? began_ + 2 * window_ : never; }

private:
  seconds window_;
  double reference_loss_;
  std::uint32_t max_rate_;
  bool searching_ = false;
  std::uint32_t rate_ = 1;
  seconds began_ = 0;
  double best_reward_ = -1; ///< of the probe before; below every reward: none
  std::vector<loss_sample> samples_;
  std::uint64_t probes_ = 0;
  seconds search_time_ = 0;
};

} // namespace adsp::sync
