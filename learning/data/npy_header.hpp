// The header of an .npy, NumPy's file of one array: a magic word, a version and a Python dictionary
// (NumPy Enhancement Proposal 1).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace adsp::learning {

/// "\x93NUMPY", with which every .npy begins.
inline constexpr std::string_view npy_magic{"\x93NUMPY", 6};

/// Reads `size` bytes; throws if there are fewer.
using byte_reader = std::function<void(char* into, std::size_t size)>;

/// Reads the header from its first byte on and returns its dictionary. Reports a mistake to `fail`,
/// which must throw. Accepts at most 4 KiB.
std::string read_npy_header(const byte_reader& read,
                            const std::function<void(const std::string& what)>& fail);

/// The value of 'key' in the dictionary, without spaces; empty if there is no such key.
std::string npy_value(std::string_view dictionary, std::string_view key);

/// The extents of a shape as `npy_value` returns it, "(3,4)"; nothing if it is not a shape.
std::optional<std::vector<std::uint64_t>> npy_extents(std::string_view shape);

/// A value for an error message: short, and in one line.
std::string shown_npy_value(std::string value);

} // namespace adsp::learning
