// Reader of the IDX format (LeCun, MNIST): a big-endian header of sizes, then unsigned bytes; plain
// or gzip-compressed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

namespace adsp::learning {

/// The most bytes a header may announce; more is refused before any content is read.
inline constexpr std::uint64_t max_idx_bytes = std::uint64_t{1} << 30;

/// Items of equal size, one after the other.
struct idx_array {
  std::vector<std::uint32_t> item_shape; ///< the header's sizes except the first; empty: one byte
  std::uint32_t announced = 0;           ///< items in the file, the header's first size
  std::uint32_t items = 0;               ///< items read, <= announced
  std::vector<std::uint8_t> bytes;       ///< items x product of item_shape

  std::size_t item_bytes() const;
};

/// Reads a file of `rank` sizes (1: labels, 3: images), only the first `limit` items unless it is
/// 0; the file's end is checked when all are read. Memory grows with the file's content, not with
/// what its header announces. Throws `data_error`.
idx_array read_idx(const std::filesystem::path& file, std::size_t rank, std::uint32_t limit = 0);

} // namespace adsp::learning
