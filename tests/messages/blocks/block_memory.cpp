// Which memory of blocks is kept, and for what.
#include "messages/blocks/block_memory.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <vector>

using namespace adsp;

namespace {

constexpr std::size_t run_bytes = 256 << 10;

} // namespace

TEST_CASE("large blocks get the memory freed last of their size, on boundaries of 64 bytes") {
  auto* const first = take_block_memory(run_bytes);
  auto* const second = take_block_memory(run_bytes);
  auto* const other = take_block_memory(run_bytes + 4);
  CHECK(reinterpret_cast<std::uintptr_t>(first) % 64 == 0);
  const auto idle = block_memory_idle();
  free_block_memory(first, run_bytes);
  free_block_memory(other, run_bytes + 4);
  free_block_memory(second, run_bytes);
  CHECK(block_memory_idle() == idle + 3 * run_bytes + 4);
  CHECK(take_block_memory(run_bytes) == second);
  CHECK(take_block_memory(run_bytes) == first);
  CHECK(take_block_memory(run_bytes + 4) == other);
  CHECK(block_memory_idle() == idle);
  free_block_memory(first, run_bytes);
  free_block_memory(second, run_bytes);
  free_block_memory(other, run_bytes + 4);
}

TEST_CASE("small blocks, and what would be too much, go back to the allocator") {
  const auto idle = block_memory_idle();
  free_block_memory(take_block_memory(1000), 1000);
  CHECK(block_memory_idle() == idle);
  constexpr std::size_t count = block_memory_kept / run_bytes + 2;
  std::vector<void*> all;
  for (std::size_t i = 0; i < count; ++i)
    all.push_back(take_block_memory(run_bytes));
  for (auto* memory : all)
    free_block_memory(memory, run_bytes);
  CHECK(block_memory_idle() <= block_memory_kept);
  CHECK(block_memory_idle() > block_memory_kept - 2 * run_bytes);
}

TEST_CASE("memory of a size that nobody asks for any more makes room for what is freed later") {
  free_block_memory(take_block_memory(block_memory_kept), block_memory_kept);
  CHECK(block_memory_idle() == block_memory_kept);
  auto* const memory = take_block_memory(run_bytes);
  free_block_memory(memory, run_bytes);
  CHECK(block_memory_idle() == run_bytes);
  CHECK(take_block_memory(run_bytes) == memory);
  free_block_memory(memory, run_bytes);
}
