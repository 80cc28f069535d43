#include "messages/block_memory.hpp"

#include <mutex>
#include <new>
#include <unordered_map>
#include <vector>

namespace adsp {

namespace {

constexpr std::align_val_t alignment{64};

/// Smaller runs the allocator keeps by itself.
constexpr std::size_t least_kept = 64 << 10;

struct store {
  std::mutex mutex;
  std::unordered_map<std::size_t, std::vector<void*>> free; ///< by size; the last is the warmest
  std::size_t bytes = 0;
};

/// Lives to the end of the process, as blocks may.
store& kept() {
  static auto& only = *new store;
  return only;
}

} // namespace

void* take_block_memory(std::size_t bytes) {
  if (bytes >= least_kept) {
    auto& all = kept();
    const std::lock_guard lock{all.mutex};
    if (auto& free = all.free[bytes]; !free.empty()) {
      auto* const memory = free.back();
      free.pop_back();
      all.bytes -= bytes;
      return memory;
    }
  }
  return ::operator new(bytes, alignment);
}

void free_block_memory(void* memory, std::size_t bytes) noexcept {
  if (bytes >= least_kept) {
    auto& all = kept();
    const std::lock_guard lock{all.mutex};
    if (all.bytes + bytes <= block_memory_kept) {
      all.free[bytes].push_back(memory);
      all.bytes += bytes;
      return;
    }
  }
  ::operator delete(memory, alignment);
}

std::size_t block_memory_idle() {
  auto& all = kept();
  const std::lock_guard lock{all.mutex};
  return all.bytes;
}

} // namespace adsp
