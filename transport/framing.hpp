// The layout of a frame between two gateways: a BASP header, its payload, and if the header has the
// flag `blocks_follow`, the number of bytes of blocks (32 bits, big-endian) and the blocks, in the
// order in which the payload announces them.
#pragma once

#include <caf/io/basp/header.hpp>

#include <cstddef>
#include <cstdint>

namespace adsp::transport {

/// A bit in a header's flags. CAF uses the lowest two bits.
inline constexpr std::uint8_t blocks_follow = 0x80;

/// Position of the flags in a header.
inline constexpr std::size_t flags_offset = 3;

/// Bytes of the number after a payload.
inline constexpr std::size_t count_bytes = 4;

using caf::io::basp::header_size;

} // namespace adsp::transport
