#include "messages/blocks/block_memory.hpp"

#include <algorithm>
#include <iterator>
#include <mutex>
#include <new>
#include <vector>

namespace adsp {

namespace {

constexpr std::align_val_t alignment{64};

/// The allocator itself keeps smaller runs.
constexpr std::size_t least_kept = 64 << 10;

struct run {
  void* memory;
  std::size_t bytes;
};

struct store {
  store() { free.reserve(block_memory_kept / least_kept + 1); } // so that it never reallocates
  std::mutex mutex;
  std::vector<run> free; ///< in the order of freeing: the last is most likely in the cache
  std::size_t bytes = 0;
};

/// Lives until the end of the process, as blocks may.
store& kept() {
  static auto& only = *new store;
  return only;
}

} // namespace

void* take_block_memory(std::size_t bytes) {
  if (bytes >= least_kept) {
    auto& all = kept();
    const std::lock_guard lock{all.mutex};
    const auto last = std::find_if(all.free.rbegin(), all.free.rend(),
                                   [bytes](const run& x) { return x.bytes == bytes; });
    if (last != all.free.rend()) {
      auto* const memory = last->memory;
      all.free.erase(std::next(last).base());
      all.bytes -= bytes;
      return memory;
    }
  }
  return ::operator new(bytes, alignment);
}

void free_block_memory(void* memory, std::size_t bytes) noexcept {
  if (bytes < least_kept || bytes > block_memory_kept) {
    ::operator delete(memory, alignment);
    return;
  }
  auto& all = kept();
  const std::lock_guard lock{all.mutex};
  // Evicts what has been unused for longest: perhaps its size is not needed any more.
  auto first = all.free.begin();
  for (; all.bytes + bytes > block_memory_kept; ++first) {
    ::operator delete(first->memory, alignment);
    all.bytes -= first->bytes;
  }
  all.free.erase(all.free.begin(), first);
  all.free.push_back({memory, bytes});
  all.bytes += bytes;
}

std::size_t block_memory_idle() {
  auto& all = kept();
  const std::lock_guard lock{all.mutex};
  return all.bytes;
}

} // namespace adsp
