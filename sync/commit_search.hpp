// How a search for the commit rate looks from outside: told the time and the losses, it says which
// rate to use. Probes are rates under trial; training goes on meanwhile.
#pragma once

#include "sync/reward.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace adsp::sync {

/// A span of time whose losses are gathered. It is over when a loss at or after its end is known,
/// or after twice its length.
class loss_window {
public:
  explicit loss_window(seconds length) : length_{length} {}

  void open(seconds now);

  void observe(seconds when, double loss);

  /// Whether it is over at `now`.
  bool over(seconds now) const;

  /// Opens the next one; the loss that closed this one is its first.
  void open_next(seconds now);

  seconds length() const { return length_; }
  seconds began() const { return began_; }
  seconds deadline() const { return began_ + 2 * length_; }
  const std::vector<loss_sample>& samples() const { return samples_; }

private:
  bool complete() const { return !samples_.empty() && samples_.back().when >= length_; }

  seconds length_;
  seconds began_ = 0;
  std::vector<loss_sample> samples_;
};

/// The windows and their time are the same for every search; which rates it tries and when it ends
/// is its own.
class commit_search {
public:
  /// `window`: seconds of a window.
  explicit commit_search(seconds window) : window_{window} {}
  virtual ~commit_search() = default;

  /// Starts a search from `rate`, the one in force. A probe under way ends unjudged, its time
  /// counts.
  virtual void begin(double rate, seconds now) = 0;

  /// Ends the window that is over at `now`, if any: the rate to go on with.
  virtual std::optional<double> close(seconds now) = 0;

  /// Whether a search is under way; a new one begins only after it.
  virtual bool busy() const = 0;

  /// Whether the present rate is on trial.
  virtual bool probing() const = 0;

  /// The rate to use now.
  virtual double rate() const = 0;

  /// A global loss that was in force at `when`.
  void observe(seconds when, double loss);

  /// The window under way starts anew: what came before was not like it. Of that, a probe's part
  /// counts as search time.
  void reopen(seconds now);

  /// A barrier beside a probe, raised at `since`, is over: that was search time, and the window
  /// under way, if any, starts.
  void passed_barrier(seconds since, seconds now);

  /// Probes that are over; and the seconds spent on these and on one that is under way, from the
  /// start of each to its end, with the barriers before and after.
  std::uint64_t probes() const { return probes_; }
  seconds search_time(seconds now) const {
    return search_time_ + (probing() ? now - window_.began() : 0);
  }

  /// When `close` does something even without another loss; `never` if nothing is under way.
  seconds deadline() const { return busy() ? window_.deadline() : never; }

protected:
  /// The probe under way is over.
  void count_probe(seconds now);

  loss_window window_;

private:
  std::uint64_t probes_ = 0;
  seconds search_time_ = 0; ///< without the probe under way
};

} // namespace adsp::sync
