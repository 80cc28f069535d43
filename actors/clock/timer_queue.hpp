// The timers of a virtual clock, for very many of them: those soon due stand in a small heap, later
// ones in buckets of a short time each that are only heaped when their time comes, the rest
// unsorted (after the calendar queue; Brown, 1988).
#pragma once

#include <caf/actor_clock.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace adsp {

class timer_queue {
public:
  using time_point = caf::actor_clock::time_point;

  /// When, the how-manieth set, and where its payload is.
  struct key {
    time_point due;
    std::uint64_t order;
    std::uint32_t slot;
    bool operator<(const key& x) const { return due < x.due || (due == x.due && order < x.order); }
  };

  bool empty() const { return size_ == 0; }
  void push(const key& x);

  /// Takes out the least; there must be one.
  key pop();

  void clear() { *this = {}; }

private:
  void insert(const key& x);
  void remove_first();
  /// Makes a heap of the next bucket that has timers.
  void approach();
  /// Cuts the time of most of the far timers into buckets.
  void spread();

  std::size_t size_ = 0;
  std::vector<key> near_; ///< due before `near_end_`: a heap of four children a node
  time_point near_end_;
  std::vector<std::vector<key>>
      buckets_; ///< from `near_end_` to `far_begin_`, those from `next_bucket_` on
  std::size_t next_bucket_ = 0;
  time_point buckets_begin_;
  int width_ = 0; ///< of a bucket, as a power of two of the clock's ticks
  time_point far_begin_;
  std::vector<key> far_;
};

} // namespace adsp
