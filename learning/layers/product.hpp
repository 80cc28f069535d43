// Products of matrices as layers need them: factors and results lie in flat vectors, transposed or
// not.
#pragma once

#include "learning/aligned_vector.hpp"
#include "learning/layers/product_kernel.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace adsp::learning {

/// A view of a matrix: element (i, j) at i * row_stride + j * column_stride. One of the strides is
/// 1.
template <class Scalar>
struct strided {
  Scalar* data = nullptr;
  std::ptrdiff_t row_stride = 1;
  std::ptrdiff_t column_stride = 0;

  strided transposed() const { return {data, column_stride, row_stride}; }
};

/// A left factor in the kernel's layout, for use with many right factors.
template <class Scalar>
class packed_left {
  using kernel = product_kernel<Scalar>;

public:
  /// Takes rows x depth elements. Allocates only for more elements than ever before.
  void pack(strided<const Scalar> from, std::ptrdiff_t rows, std::ptrdiff_t depth);

  /// Bytes of the packed factor, which consists of whole panels.
  static std::uint64_t bytes(std::ptrdiff_t rows, std::ptrdiff_t depth) {
    const auto panels = (rows + kernel::rows - 1) / kernel::rows;
    return static_cast<std::uint64_t>(panels * kernel::rows * depth) * sizeof(Scalar);
  }

  /// into (rows x count) = left * right, or += where `add`; the inner dimension, outer_count *
  /// inner_count of the layout, is `depth`. Allocates nothing.
  void multiply(const Scalar* right, const right_layout& at, std::ptrdiff_t count,
                strided<Scalar> into, bool add = false) const;

private:
  std::ptrdiff_t rows_ = 0;
  std::ptrdiff_t depth_ = 0;
  aligned_vector<Scalar> panels_; ///< kernel::rows rows each, zero beyond the last
};

/// into (rows x columns) = left (rows x depth) * right (depth x columns), or += where `add`. Runs
/// on one core; allocates only when a thread's products become larger than before.
template <class Scalar>
void multiply(strided<const Scalar> left, strided<const Scalar> right, strided<Scalar> into,
              std::ptrdiff_t rows, std::ptrdiff_t columns, std::ptrdiff_t depth, bool add = false);

} // namespace adsp::learning
