#include "learning/affine.hpp"

#include <algorithm>
#include <cmath>

namespace adsp::learning {

namespace {

/// In eight sums of fixed order, so that it vectorises and is the same for every alignment.
double squared_norm(std::span<const float> x) {
  double sums[8] = {};
  std::size_t i = 0;
  for (; i + 8 <= x.size(); i += 8)
    for (std::size_t lane = 0; lane < 8; ++lane)
      sums[lane] += static_cast<double>(x[i + lane]) * x[i + lane];
  for (; i < x.size(); ++i)
    sums[0] += static_cast<double>(x[i]) * x[i];
  return ((sums[0] + sums[4]) + (sums[1] + sums[5])) + ((sums[2] + sums[6]) + (sums[3] + sums[7]));
}

/// Rows of a product computed at a time. The blocks Eigen packs grow with them, and must stay below
/// EIGEN_STACK_ALLOCATION_LIMIT.
constexpr Eigen::Index panel_rows = 512;

/// `into` = `left` * `right`, without an allocation however wide the layer.
template <class Left, class Right>
void multiply(const Left& left, const Right& right, matrix_view into) {
  for (Eigen::Index row = 0; row < into.rows(); row += panel_rows) {
    auto rows = std::min(panel_rows, into.rows() - row);
    into.middleRows(row, rows).noalias() = left.middleRows(row, rows) * right;
  }
}

} // namespace

void affine::forward(std::span<const float> parameters, const_matrix_view input,
                     matrix_view output) const {
  const_matrix_view weights(parameters.data() + offset, inputs, outputs);
  multiply(weights.transpose(), input, output);
  output.colwise() += Eigen::Map<const Eigen::VectorXf>(parameters.data() + biases(), outputs);
}

void affine::backward(const_matrix_view input, const_matrix_view delta,
                      std::span<float> gradient) const {
  multiply(input, delta.transpose(), matrix_view(gradient.data() + offset, inputs, outputs));
  Eigen::Map<Eigen::VectorXf> sums(gradient.data() + biases(), outputs);
  sums.setZero();
  for (Eigen::Index sample = 0; sample < delta.cols(); ++sample)
    sums += delta.col(sample);
}

void affine::backward_input(std::span<const float> parameters, const_matrix_view delta,
                            matrix_view passed) const {
  multiply(const_matrix_view(parameters.data() + offset, inputs, outputs), delta, passed);
}

double affine::decay(double weight_decay, std::span<const float> parameters,
                     std::span<float> gradient) const {
  auto weights = parameters.subspan(offset, weight_count());
  auto size = static_cast<Eigen::Index>(weights.size());
  Eigen::Map<Eigen::ArrayXf>(gradient.data() + offset, size) +=
      static_cast<float>(weight_decay) * Eigen::Map<const Eigen::ArrayXf>(weights.data(), size);
  return weight_decay / 2 * squared_norm(weights);
}

std::uint64_t count_correct(const_matrix_view scores, std::span<const std::int32_t> labels) {
  std::uint64_t result = 0;
  for (Eigen::Index i = 0; i < scores.cols(); ++i) {
    const auto* begin = scores.col(i).data();
    auto predicted = std::max_element(begin, begin + scores.rows()) - begin;
    if (predicted == labels[static_cast<std::size_t>(i)] && std::isfinite(begin[predicted]))
      ++result;
  }
  return result;
}

} // namespace adsp::learning
