// Large blocks cross between processes beside the message that holds them: sent from the memory
// they lie in, received where they are used from, copied by nobody in between. What a message's
// bytes say of such a block is its form alone.
#pragma once

#include "messages/blocks/encoded_block.hpp"

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

namespace adsp {

/// Blocks of at least so many bytes can travel as freight; smaller ones are bytes of the message.
inline constexpr std::size_t least_freight = 8192;

/// From now on messages that this thread writes leave their large blocks in `to`; nullptr: they
/// write them.
void load_freight_into(std::vector<encoded_block>* to);

/// Whether `x` goes as freight of the message that this thread writes; it is taken then.
bool load_freight(const encoded_block& x);

/// While it lives, messages that this thread reads have `blocks` as their freight.
class unloading {
public:
  explicit unloading(std::span<const std::shared_ptr<parameter_buffer>> blocks);
  unloading(const unloading&) = delete;
  unloading& operator=(const unloading&) = delete;
  ~unloading();
};

/// Whether a block of so many bytes is freight of the message that this thread reads.
bool comes_as_freight(std::size_t bytes);

/// The next block of the freight, nothing when there is none of `floats` floats.
std::shared_ptr<parameter_buffer> unload(std::size_t floats);

} // namespace adsp
