// The timers of a virtual clock: a heap with four children per node, which with many timers touches
// less memory than a binary heap.
#pragma once

#include <caf/actor_clock.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace adsp {

class timer_queue {
public:
  using time_point = caf::actor_clock::time_point;

  /// Due time, insertion number (breaks ties), slot of the payload.
  struct key {
    time_point due;
    std::uint64_t order;
    std::uint32_t slot;
    bool operator<(const key& other) const {
      return due < other.due || (due == other.due && order < other.order);
    }
  };

  bool empty() const { return heap_.empty(); }

  /// The earliest timer; there must be one.
  const key& first() const { return heap_.front(); }

  void push(const key& timer) {
    auto at = heap_.size();
    heap_.push_back(timer);
    for (std::size_t parent = 0; at > 0; at = parent) {
      parent = (at - 1) / children;
      if (!(timer < heap_[parent]))
        break;
      heap_[at] = heap_[parent];
    }
    heap_[at] = timer;
  }

  /// Removes the earliest timer; there must be one.
  key pop() {
    const auto first = heap_.front();
    const auto last = heap_.back();
    heap_.pop_back();
    const auto size = heap_.size();
    std::size_t at = 0;
    while (at * children + 1 < size) {
      const auto begin = heap_.begin() + static_cast<std::ptrdiff_t>(at * children + 1);
      const auto end =
          heap_.begin() + static_cast<std::ptrdiff_t>(std::min(at * children + 1 + children, size));
      const auto least = std::min_element(begin, end);
      if (!(*least < last))
        break;
      heap_[at] = *least;
      at = static_cast<std::size_t>(least - heap_.begin());
    }
    if (size > 0)
      heap_[at] = last;
    return first;
  }

  void clear() { heap_.clear(); }

private:
  static constexpr std::size_t children = 4;

  std::vector<key> heap_;
};

} // namespace adsp
