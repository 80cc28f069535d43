// What a node signs to prove that it holds its key: a text that nothing but this proof ever signs.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

namespace adsp::security {

using octets = std::vector<std::uint8_t>;

/// Random bytes, used once.
using challenge = std::array<std::uint8_t, 32>;

/// From the operating system's randomness. Throws std::runtime_error when there is none.
challenge make_challenge();

/// The text to sign: a label, then node, context and challenge, each after its size (8 bytes, big
/// end first), so that no two different proofs share a text.
octets proof_text(std::string_view node, std::string_view context, const challenge& x);

} // namespace adsp::security
