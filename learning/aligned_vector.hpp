// A vector whose numbers begin at a multiple of 64 bytes. The start of an array decides which of
// its numbers Eigen takes one by one and which in packets, and so the order of a sum and the last
// bits of an exponential: with equal alignment, equal seeds give equal bytes.
#pragma once

#include <cstddef>
#include <new>
#include <vector>

namespace adsp::learning {

template <class T>
struct cache_line_allocator {
  using value_type = T;
  static constexpr std::align_val_t alignment{64}; ///< bytes; no packet is larger

  cache_line_allocator() = default;
  template <class Other>
  explicit(false) cache_line_allocator(const cache_line_allocator<Other>& /*other*/) {}

  T* allocate(std::size_t count) {
    return static_cast<T*>(::operator new(count * sizeof(T), alignment));
  }
  void deallocate(T* memory, std::size_t /*count*/) { ::operator delete(memory, alignment); }

  bool operator==(const cache_line_allocator&) const { return true; }
};

template <class T>
using aligned_vector = std::vector<T, cache_line_allocator<T>>;

} // namespace adsp::learning
