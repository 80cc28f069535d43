// How long a round by time lasts: from the workers' steps and exchanges, as they report them.
#pragma once

#include "sync/membership.hpp"
#include "sync/types.hpp"

#include <vector>

namespace adsp::sync {

/// Rounds that are shorter cost more in messages than they bring.
inline constexpr seconds shortest_round = 0.005;

/// The timing of rounds.
struct pace {
  seconds length = 0; ///< T
  seconds grace = 0;  ///< delta
};

/// Measures the step and the exchange of every worker, and paces rounds by the worker in the middle
/// of the job's work: half of all steps are made by workers whose steps are not longer than s; x is
/// the same of the exchanges. A worker that trains when a round's moment comes finishes its step, so
/// that its update is there by s + x / 2 and its answer back by s + x:
///   delta = s + x / 2,  T = 5/4 (s + x) + s, but at least 5 ms.
/// Of a worker's last two commits the smaller times count, so that a device that was asleep, or a
/// link that stood still, once, says nothing about the rounds to come.
/// A shorter T would have workers miss every other moment, a shorter delta would have most updates
/// wait for the next round; longer ones make the updates older without more of them.
class round_pace {
public:
  /// Takes a worker's counts, which grow from call to call.
  void measure(worker_id who, const progress& done);
  void forget(worker_id who);

  /// Whether enough of `members` have been measured: half of those present.
  bool known(const membership& members) const;

  /// The pace of the members that have been measured; there must be one.
  pace of(const membership& members) const;

private:
  struct times {
    seconds step = 0; ///< 0: not measured
    seconds exchange = 0;
  };

  struct entry {
    progress latest;
    times last;   ///< of the last commit
    times before; ///< of the one before it; the first counts twice
  };

  std::vector<entry> entries_; ///< indexed by worker_id
  std::size_t measured_ = 0;   ///< entries with times
};

} // namespace adsp::sync
