// Counts what operator new hands out. Include in one file of a test program only.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <new>

namespace adsp::test {

inline std::size_t largest_allocation = 0; ///< bytes, since the test last set it to 0

inline void* counted(std::size_t size, std::size_t alignment) {
  largest_allocation = std::max(largest_allocation, size);
  const auto rounded = (std::max<std::size_t>(size, 1) + alignment - 1) / alignment * alignment;
  if (auto* p = std::aligned_alloc(alignment, rounded))
    return p;
  throw std::bad_alloc{};
}

} // namespace adsp::test

[[gnu::noinline]] void* operator new(std::size_t size) {
  return adsp::test::counted(size, alignof(std::max_align_t));
}
[[gnu::noinline]] void* operator new(std::size_t size, std::align_val_t alignment) {
  return adsp::test::counted(size, static_cast<std::size_t>(alignment));
}
[[gnu::noinline]] void* operator new(std::size_t size, const std::nothrow_t& /*tag*/) noexcept {
  try {
    return adsp::test::counted(size, alignof(std::max_align_t));
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}
[[gnu::noinline]] void operator delete(void* p) noexcept {
  std::free(p);
}
[[gnu::noinline]] void operator delete(void* p, std::size_t) noexcept {
  std::free(p);
}
[[gnu::noinline]] void operator delete(void* p, std::align_val_t) noexcept {
  std::free(p);
}
[[gnu::noinline]] void operator delete(void* p, std::size_t, std::align_val_t) noexcept {
  std::free(p);
}
