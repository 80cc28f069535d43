// The parts of a model file, one after the other: each is a name and bytes.
#pragma once

#include "learning/layers/layer.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace adsp::apps {

/// Appends a part: the length of its name (32 bits), the name, the length of its bytes (64 bits),
/// the bytes; lengths are little-endian.
void append_part(std::string& to, std::string_view name, std::string_view bytes);

/// The parts in order, as views of `bytes`. Throws std::runtime_error if they do not fill it
/// exactly.
std::vector<std::pair<std::string_view, std::string_view>> split_parts(std::string_view bytes);

/// A tensor as the bytes of a part: its rank (32 bits), its extents (64 bits each), its numbers as
/// float32, contiguous along the last extent.
std::string tensor_bytes(const learning::tensor& part, std::span<const float> numbers);

/// Appends the tensor's numbers to `numbers` and returns its extents. Throws std::runtime_error if
/// the number of bytes does not match the extents.
std::vector<std::ptrdiff_t> read_tensor(std::string_view bytes, std::vector<float>& numbers);

} // namespace adsp::apps
