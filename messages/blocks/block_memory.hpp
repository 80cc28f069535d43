// Memory of large blocks, used again once it is free: the system takes longer to give fresh memory
// than a block takes to be received into it.
#pragma once

#include <cstddef>

namespace adsp {

/// On a 64-byte boundary; of the `block_memory_kept` bytes that were freed last, or fresh. Any
/// thread. Throws std::bad_alloc.
void* take_block_memory(std::size_t bytes);

/// `bytes`: as it was taken.
void free_block_memory(void* memory, std::size_t bytes) noexcept;

/// The most that a process keeps for blocks to come.
inline constexpr std::size_t block_memory_kept = std::size_t{64} << 20;

/// Bytes that are kept now.
std::size_t block_memory_idle();

} // namespace adsp
