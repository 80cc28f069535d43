#include "learning/layers/product.hpp"

#include <algorithm>
#include <array>
#include <cassert>

namespace adsp::learning {

namespace {

/// Inner dimension of a block, so that the right factor's part of a tile stays in the first-level
/// cache.
constexpr std::ptrdiff_t block_depth = 512;

/// Columns at this distance compete for the same few lines of the first-level cache.
constexpr std::ptrdiff_t hostile_bytes = 4096;

/// Number of such columns that still fit there.
constexpr int hostile_columns = 6;

std::ptrdiff_t divided_up(std::ptrdiff_t x, std::ptrdiff_t by) {
  return (x + by - 1) / by;
}

/// Bytes of a packed left factor, so that it stays in the second-level cache while the right one
/// streams.
constexpr std::ptrdiff_t packed_bytes = 384 * 1024;

/// Relative cost, per step of the inner dimension, of a product whose left factor is packed: the
/// work including padding rows, packing (slower against the memory order), and results that cannot
/// be stored directly.
template <class Scalar>
double cost(strided<const Scalar> left, strided<Scalar> into, std::ptrdiff_t rows,
            std::ptrdiff_t columns, std::ptrdiff_t depth) {
  constexpr auto tile = product_kernel<Scalar>::rows;
  const auto work = static_cast<double>(divided_up(rows, tile) * tile * columns);
  const auto packing = static_cast<double>((left.row_stride == 1 ? 4 : 6) * rows);
  const auto storing = into.row_stride == 1 ? 0.0 : 48.0 * static_cast<double>(rows * columns);
  return work + packing + storing / static_cast<double>(std::max<std::ptrdiff_t>(1, depth));
}

/// Packs one panel whose columns are contiguous.
template <class Scalar>
void pack_along(const Scalar* from, std::ptrdiff_t stride, std::ptrdiff_t rows,
                std::ptrdiff_t depth, Scalar* to) {
  constexpr auto tile = product_kernel<Scalar>::rows;
  for (std::ptrdiff_t k = 0; k < depth; ++k, to += tile, from += stride) {
    std::copy_n(from, rows, to);
    std::fill_n(to + rows, tile - rows, Scalar{0});
  }
}

/// Packs one panel whose rows are contiguous: squares of them are transposed in registers.
template <class Scalar>
void pack_across(const Scalar* from, std::ptrdiff_t stride, std::ptrdiff_t rows,
                 std::ptrdiff_t depth, Scalar* to) {
  using kernel = product_kernel<Scalar>;
  using namespace Eigen::internal;
  std::ptrdiff_t k = 0;
  if (rows == kernel::rows)
    for (; k + kernel::lanes <= depth; k += kernel::lanes)
      for (std::ptrdiff_t half = 0; half < kernel::rows; half += kernel::lanes) {
        PacketBlock<typename kernel::packet, kernel::lanes> square;
        for (std::ptrdiff_t i = 0; i < kernel::lanes; ++i)
          square.packet[i] = ploadu<typename kernel::packet>(from + (half + i) * stride + k);
        ptranspose(square);
        for (std::ptrdiff_t i = 0; i < kernel::lanes; ++i)
          pstoreu(to + (k + i) * kernel::rows + half, square.packet[i]);
      }
  for (; k < depth; ++k)
    for (std::ptrdiff_t i = 0; i < kernel::rows; ++i)
      to[k * kernel::rows + i] = i < rows ? from[i * stride + k] : Scalar{0};
}

template <class Scalar>
packed_left<Scalar>& scratch() {
  thread_local packed_left<Scalar> one;
  return one;
}

} // namespace

template <class Scalar>
void packed_left<Scalar>::pack(strided<const Scalar> from, std::ptrdiff_t rows,
                               std::ptrdiff_t depth) {
  rows_ = rows;
  depth_ = depth;
  const auto panels = divided_up(rows, kernel::rows);
  const auto size = static_cast<std::size_t>(panels * kernel::rows * depth);
  if (panels_.size() < size)
    panels_.resize(size);
  auto* to = panels_.data();
  for (std::ptrdiff_t first = 0; first < rows; first += kernel::rows, to += kernel::rows * depth) {
    const auto present = std::min(kernel::rows, rows - first);
    const auto* at = from.data + first * from.row_stride;
    if (from.row_stride == 1)
      pack_along(at, from.column_stride, present, depth, to);
    else
      pack_across(at, from.row_stride, present, depth, to);
  }
}

template <class Scalar>
void packed_left<Scalar>::multiply(const Scalar* right, const right_layout& at,
                                   std::ptrdiff_t count, strided<Scalar> into, bool add) const {
  assert(at.outer_count * at.inner_count == depth_);
  const bool hostile =
      at.column_stride * static_cast<std::ptrdiff_t>(sizeof(Scalar)) % hostile_bytes == 0;
  const auto widest = hostile ? std::min(hostile_columns, kernel::columns) : kernel::columns;
  const auto tiles = divided_up(count, widest);
  std::array<Scalar, kernel::rows * kernel::columns> corner;
  for (std::ptrdiff_t tile = 0; tile < tiles; ++tile) {
    // Tiles of nearly equal width: a narrow last one would be slow.
    const auto first = tile * count / tiles;
    const auto width = static_cast<int>((tile + 1) * count / tiles - first);
    const auto* b = right + first * at.column_stride;
    for (std::ptrdiff_t row = 0; row < rows_; row += kernel::rows) {
      const auto* a = panels_.data() + row * depth_;
      auto* c = into.data + row * into.row_stride + first * into.column_stride;
      const auto height = std::min(kernel::rows, rows_ - row);
      if (into.row_stride == 1 && height == kernel::rows) {
        kernel::tile(width, a, b, at, c, into.column_stride, add);
        continue;
      }
      kernel::tile(width, a, b, at, corner.data(), kernel::rows, false);
      for (int j = 0; j < width; ++j)
        for (std::ptrdiff_t i = 0; i < height; ++i) {
          auto& x = c[i * into.row_stride + j * into.column_stride];
          x = corner[static_cast<std::size_t>(j * kernel::rows + i)] + (add ? x : Scalar{0});
        }
    }
  }
}

template <class Scalar>
void multiply(strided<const Scalar> left, strided<const Scalar> right, strided<Scalar> into,
              std::ptrdiff_t rows, std::ptrdiff_t columns, std::ptrdiff_t depth, bool add) {
  if (cost(right.transposed(), into.transposed(), columns, rows, depth) <
      cost(left, into, rows, columns, depth)) {
    multiply(right.transposed(), left.transposed(), into.transposed(), columns, rows, depth, add);
    return;
  }
  auto& packed = scratch<Scalar>();
  constexpr auto tile = product_kernel<Scalar>::rows;
  for (std::ptrdiff_t k = 0; k < depth || k == 0; k += block_depth) {
    const auto part = std::min(block_depth, depth - k);
    const auto most = packed_bytes / static_cast<std::ptrdiff_t>(sizeof(Scalar)) /
                      std::max<std::ptrdiff_t>(1, part) / tile * tile;
    for (std::ptrdiff_t i = 0; i < rows; i += most) {
      auto from = left;
      from.data += i * left.row_stride + k * left.column_stride;
      auto to = into;
      to.data += i * into.row_stride;
      packed.pack(from, std::min(most, rows - i), part);
      packed.multiply(right.data + k * right.row_stride,
                      {1, 0, part, right.row_stride, right.column_stride}, columns, to,
                      add || k > 0);
    }
  }
}

template class packed_left<float>;
template class packed_left<double>;
template void multiply(strided<const float>, strided<const float>, strided<float>, std::ptrdiff_t,
                       std::ptrdiff_t, std::ptrdiff_t, bool);
template void multiply(strided<const double>, strided<const double>, strided<double>,
                       std::ptrdiff_t, std::ptrdiff_t, std::ptrdiff_t, bool);

} // namespace adsp::learning
