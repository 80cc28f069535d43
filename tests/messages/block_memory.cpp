// Which memory of blocks is kept, and for what.
#include "messages/block_memory.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <vector>

using namespace adsp;

namespace {

constexpr std::size_t large = 256 << 10;

} // namespace

TEST_CASE("large blocks get the memory freed last of their size, on boundaries of 64 bytes") {
  auto* const first = take_block_memory(large);
  auto* const second = take_block_memory(large);
  auto* const other = take_block_memory(large + 4);
  CHECK(reinterpret_cast<std::uintptr_t>(first) % 64 == 0);
  const auto idle = block_memory_idle();
  free_block_memory(first, large);
  free_block_memory(other, large + 4);
  free_block_memory(second, large);
  CHECK(block_memory_idle() == idle + 3 * large + 4);
  CHECK(take_block_memory(large) == second);
  CHECK(take_block_memory(large) == first);
  CHECK(take_block_memory(large + 4) == other);
  CHECK(block_memory_idle() == idle);
  free_block_memory(first, large);
  free_block_memory(second, large);
  free_block_memory(other, large + 4);
}

TEST_CASE("small blocks, and what would be too much, go back to the allocator") {
  const auto idle = block_memory_idle();
  free_block_memory(take_block_memory(1000), 1000);
  CHECK(block_memory_idle() == idle);
  constexpr std::size_t count = block_memory_kept / large + 2;
  std::vector<void*> all;
  for (std::size_t i = 0; i < count; ++i)
    all.push_back(take_block_memory(large));
  for (auto* memory : all)
    free_block_memory(memory, large);
  CHECK(block_memory_idle() <= block_memory_kept);
  CHECK(block_memory_idle() > block_memory_kept - 2 * large);
}

TEST_CASE("memory of a size that nobody asks for any more makes room for what is freed later") {
  free_block_memory(take_block_memory(block_memory_kept), block_memory_kept);
  CHECK(block_memory_idle() == block_memory_kept);
  auto* const memory = take_block_memory(large);
  free_block_memory(memory, large);
  CHECK(block_memory_idle() == large);
  CHECK(take_block_memory(large) == memory);
  free_block_memory(memory, large);
}
