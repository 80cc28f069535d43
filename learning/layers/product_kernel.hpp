// The inner loop of the large products: a tile of the result in registers, its left factor packed,
// its right factor read in place (after Goto and van de Geijn, "Anatomy of High-Performance Matrix
// Multiplication", 2008). Written in Eigen's packets, whose fused operations are the same in every
// build.
#pragma once

#include <Eigen/Core>

#include <cstddef>

namespace adsp::learning {

/// Where the elements of a right factor lie: element (k, j), k = outer * inner_count + inner, is at
/// outer * outer_stride + inner * inner_stride + j * column_stride. A matrix has an outer_count of
/// 1; patches of an image have one outer index for each row of the window, and their columns
/// overlap. One of the two inner strides is 1.
struct right_layout {
  std::ptrdiff_t outer_count = 1;
  std::ptrdiff_t outer_stride = 0;
  std::ptrdiff_t inner_count = 0;
  std::ptrdiff_t inner_stride = 1;
  std::ptrdiff_t column_stride = 1;
};

template <class Scalar>
struct product_kernel {
  using packet = typename Eigen::internal::packet_traits<Scalar>::type;
  static constexpr std::ptrdiff_t lanes = Eigen::internal::packet_traits<Scalar>::size;

  /// Rows of a tile: two registers.
  static constexpr std::ptrdiff_t rows = 2 * lanes;

  /// Most columns of a tile: all sums, two registers of the left factor and one of the right must
  /// fit into the 32 registers of AVX-512, or the 16 of other instruction sets.
  static constexpr int columns = EIGEN_ARCH_DEFAULT_NUMBER_OF_REGISTERS >= 32 ? 14 : 6;

  /// into = packed * right, or += : `rows` x `count` elements, count <= columns; a column of `into`
  /// is contiguous, the next one is `stride` further. `packed`: `rows` elements for each k, one k
  /// after the other.
  static void tile(int count, const Scalar* packed, const Scalar* right, const right_layout& at,
                   Scalar* into, std::ptrdiff_t stride, bool add) {
    dispatch<columns>(count, packed, right, at, into, stride, add);
  }

private:
  template <int Columns>
  static void dispatch(int count, const Scalar* packed, const Scalar* right, const right_layout& at,
                       Scalar* into, std::ptrdiff_t stride, bool add) {
    if (count == Columns) {
      // The compiler knows which stride is 1, which saves address registers.
      if (at.column_stride == 1)
        run<Columns, true>(packed, right, at, into, stride, add);
      else
        run<Columns, false>(packed, right, at, into, stride, add);
    } else if constexpr (Columns > 1) {
      dispatch<Columns - 1>(count, packed, right, at, into, stride, add);
    }
  }

  template <int Columns, bool UnitColumns>
  static void run(const Scalar* packed, const Scalar* right, const right_layout& at, Scalar* into,
                  std::ptrdiff_t stride, bool add) {
    using namespace Eigen::internal;
    packet low[Columns];
    packet high[Columns];
    for (int j = 0; j < Columns; ++j)
      low[j] = high[j] = pset1<packet>(Scalar{0});
    const auto column = UnitColumns ? 1 : at.column_stride;
    const auto step = UnitColumns ? at.inner_stride : 1;
    for (std::ptrdiff_t outer = 0; outer < at.outer_count; ++outer) {
      const Scalar* b = right + outer * at.outer_stride;
      for (auto k = at.inner_count; k > 0; --k) {
        const auto a = ploadu<packet>(packed);
        const auto c = ploadu<packet>(packed + lanes);
#pragma GCC unroll 16
        for (int j = 0; j < Columns; ++j) {
          const auto x = pset1<packet>(b[j * column]);
          low[j] = pmadd(a, x, low[j]);
          high[j] = pmadd(c, x, high[j]);
        }
        packed += rows;
        b += step;
      }
    }
#pragma GCC unroll 16
    for (int j = 0; j < Columns; ++j) {
      Scalar* to = into + j * stride;
      pstoreu(to, add ? padd(ploadu<packet>(to), low[j]) : low[j]);
      pstoreu(to + lanes, add ? padd(ploadu<packet>(to + lanes), high[j]) : high[j]);
    }
  }
};

} // namespace adsp::learning
