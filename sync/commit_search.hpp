// Interface of a search for the commit rate: it takes the time and the losses and returns the rate
// to use. A probe is the trial of a rate; training goes on meanwhile.
#pragma once

#include "sync/reward.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace adsp::sync {

/// Collects the losses of a span of time. It is over when a loss at or after its end is known, or
/// after twice its length.
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

/// Base of the searches: it keeps the window and the time spent; a search decides which rates it
/// tries and when it ends.
class commit_search {
public:
  /// `window`: seconds of a window.
  explicit commit_search(seconds window) : window_{window} {}
  virtual ~commit_search() = default;

  /// Starts a search from `rate`, the rate in force. A probe under way ends without a verdict; its
  /// time counts.
  virtual void begin(double rate, seconds now) = 0;

  /// Ends the window if it is over at `now` and returns the rate to go on with; otherwise nothing.
  virtual std::optional<double> close(seconds now) = 0;

  /// Whether a search is under way; a new one begins only after it.
  virtual bool busy() const = 0;

  /// Whether the present rate is on trial.
  virtual bool probing() const = 0;

  /// The rate to use now.
  virtual double rate() const = 0;

  /// A global loss that was in force at `when`.
  void observe(seconds when, double loss);

  /// Restarts the window under way, because its losses so far do not compare with those to come. If
  /// it is a probe, the time so far counts as search time.
  void reopen(seconds now);

  /// A barrier before or after a probe, raised at `since`, is over: it counts as search time, and
  /// the window under way, if any, starts.
  void passed_barrier(seconds since, seconds now);

  /// Finished probes; and the seconds spent in them and in the one under way, including the
  /// barriers before and after each.
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
