// Memory of large blocks, reused once it is free: getting fresh memory from the system takes longer
// than receiving a block into it.
#pragma once

#include <cstddef>

namespace adsp {

/// Memory on a 64-byte boundary, reused from the last `block_memory_kept` bytes that were freed, or
/// fresh. Any thread. Throws std::bad_alloc.
void* take_block_memory(std::size_t bytes);

/// `bytes`: as passed to `take_block_memory`.
void free_block_memory(void* memory, std::size_t bytes) noexcept;

/// Most bytes that a process keeps for later blocks.
inline constexpr std::size_t block_memory_kept = std::size_t{64} << 20;

/// Bytes kept now.
std::size_t block_memory_idle();

} // namespace adsp
