// A search for the commit rate that costs little and moves only when the difference is significant.
// It tries twice and half the present rate, each between two windows at the present rate, so that a
// drift of the loss favours neither.
#pragma once

#include "sync/commit_search.hpp"

namespace adsp::sync {

class neighbour_search final : public commit_search {
public:
  /// `window`: seconds of a window; rates stay in [1/max_rate, max_rate]. Probes take at most
  /// `share` of the time.
  neighbour_search(seconds window, reward_rule reward, double max_rate, double share)
      : commit_search{window}, reward_{reward}, max_rate_{max_rate}, share_{share} {}

  void begin(double rate, seconds now) override;
  std::optional<double> close(seconds now) override;
  bool busy() const override { return phase_ != phase::idle; }
  bool probing() const override { return phase_ == phase::probe; }
  double rate() const override { return probing() ? candidate_ : rate_; }

private:
  enum class phase : std::uint8_t { idle, before, probe, after };

  /// The next candidate in the present direction, or in the other; idle when both have been tried.
  void choose_candidate();
  void turn_round();
  void judge();

  reward_rule reward_;
  double max_rate_;
  double share_;
  phase phase_ = phase::idle;
  double rate_ = 1;      ///< in force
  double candidate_ = 1; ///< on trial in `phase::probe`
  double factor_ = 2;    ///< direction of the next candidate: 2 or 1/2
  bool turned_ = false;  ///< the other direction has failed since the last move
  estimate before_;
  estimate probed_;
};

} // namespace adsp::sync
