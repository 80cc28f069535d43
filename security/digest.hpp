// The digest of a text of any length: its SHA-256.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace adsp::security {

using digest = std::array<std::uint8_t, 32>;

/// SHA-256 (FIPS 180-4). Throws std::runtime_error if OpenSSL is out of memory.
digest sha256(std::string_view text);

} // namespace adsp::security
