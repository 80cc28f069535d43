// Large blocks are sent between processes beside their message: directly from their memory, and
// received where they are used, without copies in between. The message itself carries only the
// block's format and sizes.
#pragma once

#include "messages/blocks/encoded_block.hpp"

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

namespace adsp {

/// Least bytes of a block that can be sent as freight; a smaller one is part of its message.
inline constexpr std::size_t least_freight = 8192;

/// From now on messages that this thread writes put their large blocks into `to`; nullptr: into the
/// message itself. Throws std::logic_error if another vector is set before the first has been
/// reset, because the blocks of two connections would be mixed.
void load_freight_into(std::vector<encoded_block>* to);

/// Takes `block` as freight if the block is large and this thread is writing a message with
/// freight.
bool load_freight(const encoded_block& block);

/// During its lifetime, messages that this thread reads have `blocks` as their freight. Throws
/// std::logic_error if another one exists on this thread.
class unloading {
public:
  explicit unloading(std::span<const std::shared_ptr<parameter_buffer>> blocks);
  unloading(const unloading&) = delete;
  unloading& operator=(const unloading&) = delete;
  ~unloading();
};

/// Whether a block of `bytes` is freight of the message that this thread reads.
bool comes_as_freight(std::size_t bytes);

/// The next block of the freight; null if there is none left, or it has another size.
std::shared_ptr<parameter_buffer> unload(std::size_t floats);

} // namespace adsp
