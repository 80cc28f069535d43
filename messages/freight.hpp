// Large blocks cross between processes beside the message that holds them: sent from the memory
// they lie in, received where they are used, not copied in between. The message itself carries only
// the block's format and sizes.
#pragma once

#include "messages/blocks/encoded_block.hpp"

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

namespace adsp {

/// Bytes from which on a block can travel as freight; a smaller one is part of its message.
inline constexpr std::size_t least_freight = 8192;

/// From now on messages that this thread writes leave their large blocks in `to`; nullptr: they
/// write them. One message is written at a time: throws std::logic_error for a second place before
/// the first has been given back, because the blocks of two connections would be mixed.
void load_freight_into(std::vector<encoded_block>* to);

/// Takes `block` as freight if the message that this thread writes has any and the block is large.
bool load_freight(const encoded_block& block);

/// While it lives, messages that this thread reads have `blocks` as their freight. Throws
/// std::logic_error when another one lives on this thread.
class unloading {
public:
  explicit unloading(std::span<const std::shared_ptr<parameter_buffer>> blocks);
  unloading(const unloading&) = delete;
  unloading& operator=(const unloading&) = delete;
  ~unloading();
};

/// Whether a block of `bytes` is freight of the message that this thread reads.
bool comes_as_freight(std::size_t bytes);

/// The next block of the freight; null when there is none left, or it has another size.
std::shared_ptr<parameter_buffer> unload(std::size_t floats);

} // namespace adsp
