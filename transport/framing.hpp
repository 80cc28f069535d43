// How a frame is laid out between two gateways: a BASP header, its payload, and when the header has
// the flag `blocks_follow`, how many bytes of blocks follow (32 bits, the most significant byte
// first) and these, in the order in which the payload announces them.
#pragma once

#include <caf/io/basp/header.hpp>

#include <cstddef>
#include <cstdint>

namespace adsp::transport {

/// In a header's flags. CAF uses the lowest two.
inline constexpr std::uint8_t blocks_follow = 0x80;

/// Where a header's flags are.
inline constexpr std::size_t flags_offset = 3;

/// Bytes of the number after a payload.
inline constexpr std::size_t count_bytes = 4;

using caf::io::basp::header_size;

} // namespace adsp::transport
