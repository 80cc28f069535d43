// The published search for the commit rate: probe 1, 2, 3, ... commits a check period, each for one
// window while training goes on, and stop at the first that is no better than the one before
// (Hu, Wang, Wu, AAAI-20, algorithm 1).
#pragma once

#include "sync/commit_search.hpp"

namespace adsp::sync {

class rate_search final : public commit_search {
public:
  /// `window`: seconds of a probe; the search ends at `max_rate` at the latest.
  rate_search(seconds window, reward_rule reward, std::uint32_t max_rate)
      : commit_search{window}, reward_{reward}, max_rate_{max_rate} {}

  /// Starts over with a probe of rate 1.
  void begin(double, seconds now) override;
  std::optional<double> close(seconds now) override;
  bool busy() const override { return searching_; }
  bool probing() const override { return searching_; }
  double rate() const override { return rate_; }

private:
  reward_rule reward_;
  std::uint32_t max_rate_;
  bool searching_ = false;
  std::uint32_t rate_ = 1;
  std::optional<estimate> before_; ///< reward of the probe before
};

} // namespace adsp::sync
