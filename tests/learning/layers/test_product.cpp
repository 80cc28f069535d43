// Products against Eigen's in double precision, for all ways the factors and the result may lie.
#include "learning/layers/product.hpp"
#include "learning/random.hpp"

#include <Eigen/Core>

#include <doctest/doctest.h>

using namespace adsp::learning;

namespace {

template <class Scalar>
using dense_matrix = Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic>;

template <class Scalar>
dense_matrix<Scalar> random_matrix(std::ptrdiff_t rows, std::ptrdiff_t columns, generator& random) {
  dense_matrix<Scalar> x(rows, columns);
  for (auto& value : x.reshaped())
    value = static_cast<Scalar>(random.normal());
  return x;
}

/// A matrix stored by columns, or its transpose stored so.
template <class Scalar>
struct stored {
  bool across;
  dense_matrix<Scalar> memory;

  stored(const dense_matrix<Scalar>& x, bool transposed)
      : across{transposed}, memory{transposed ? dense_matrix<Scalar>{x.transpose()} : x} {}

  template <class Element>
  strided<Element> at() {
    strided<Element> x{memory.data(), 1, memory.rows()};
    return across ? x.transposed() : x;
  }

  dense_matrix<Scalar> value() const {
    return across ? dense_matrix<Scalar>{memory.transpose()} : memory;
  }
};

template <class Scalar>
void check_product(std::ptrdiff_t rows, std::ptrdiff_t columns, std::ptrdiff_t depth, int lies,
                   bool add, generator& random) {
  const auto left = random_matrix<Scalar>(rows, depth, random);
  const auto right = random_matrix<Scalar>(depth, columns, random);
  const auto before = random_matrix<Scalar>(rows, columns, random);
  stored<Scalar> a{left, (lies & 1) != 0};
  stored<Scalar> b{right, (lies & 2) != 0};
  stored<Scalar> c{before, (lies & 4) != 0};
  multiply<Scalar>(a.template at<const Scalar>(), b.template at<const Scalar>(),
                   c.template at<Scalar>(), rows, columns, depth, add);
  Eigen::MatrixXd expected = left.template cast<double>() * right.template cast<double>();
  if (add)
    expected += before.template cast<double>();
  const double precision = sizeof(Scalar) == 4 ? 1e-6 : 1e-14;
  const auto error = (c.value().template cast<double>() - expected).cwiseAbs().maxCoeff();
  CAPTURE(rows);
  CAPTURE(columns);
  CAPTURE(depth);
  CAPTURE(lies);
  CHECK(error <= precision * (4 + static_cast<double>(depth)));
}

} // namespace

TEST_CASE("products are Eigen's, however the matrices lie") {
  generator random{1, "product"};
  for (int lies = 0; lies < 8; ++lies)
    for (int trial = 0; trial < 40; ++trial) {
      const auto side = [&] { return static_cast<std::ptrdiff_t>(1 + random.below(150)); };
      const auto rows = side();
      const auto columns = side();
      const auto depth = side();
      check_product<float>(rows, columns, depth, lies, trial % 2 == 1, random);
      check_product<double>(rows, columns, depth, lies, trial % 2 == 1, random);
    }
}

TEST_CASE("products larger than a block, and of columns a power of two apart") {
  generator random{2, "product"};
  for (int lies = 0; lies < 8; ++lies) {
    check_product<float>(70, 40, 1100, lies, false, random);
    check_product<float>(1024, 33, 1024, lies, true, random);
    check_product<float>(2500, 3, 64, lies, false, random);
  }
}

TEST_CASE("a right factor of overlapping columns, in several parts") {
  // The windows of 3 x 2 numbers over rows of 7, one number further each.
  generator random{3, "product"};
  const auto left = random_matrix<float>(40, 6, random);
  const auto image = random_matrix<float>(7, 3, random);
  packed_left<float> packed;
  packed.pack({left.data(), 1, left.rows()}, 40, 6);
  dense_matrix<float> into(40, 6);
  packed.multiply(image.data(), {3, 7, 2, 1, 1}, 6, {into.data(), 1, 40});
  for (std::ptrdiff_t j = 0; j < 6; ++j)
    for (std::ptrdiff_t i = 0; i < 40; ++i) {
      double sum = 0;
      for (std::ptrdiff_t k = 0; k < 6; ++k)
        sum += left(i, k) * image(j + k % 2, k / 2);
      CHECK(into(i, j) == doctest::Approx(sum).epsilon(1e-4));
    }
}
