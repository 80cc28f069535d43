// A fully connected layer and what goes with it in every model made of them: products that do not
// allocate, the L2 penalty, predictions.
#pragma once

#include <Eigen/Core>

#include <cstdint>
#include <span>

namespace adsp::learning {

using matrix_view = Eigen::Map<Eigen::MatrixXf>;
using const_matrix_view = Eigen::Map<const Eigen::MatrixXf>;

/// output = weights^T input + biases, over views of the flat vectors; samples are columns. In the
/// flat vector, from `offset` on: the weights, inputs x outputs by columns (a unit's weights are
/// contiguous), then the outputs' biases. Nothing here allocates.
struct affine {
  Eigen::Index inputs;
  Eigen::Index outputs;
  std::size_t offset;

  std::size_t weight_count() const { return static_cast<std::size_t>(inputs * outputs); }
  std::size_t biases() const { return offset + weight_count(); } ///< where they start
  std::size_t end() const { return biases() + static_cast<std::size_t>(outputs); }

  /// inputs x samples to outputs x samples.
  void forward(std::span<const float> parameters, const_matrix_view input,
               matrix_view output) const;

  /// `delta`, the gradient by the output, to the gradient by the parameters.
  void backward(const_matrix_view input, const_matrix_view delta, std::span<float> gradient) const;

  /// `delta` to the gradient by the input.
  void backward_input(std::span<const float> parameters, const_matrix_view delta,
                      matrix_view passed) const;

  /// Adds the gradient of the penalty weight_decay/2 * |weights|^2; returns the penalty.
  double decay(double weight_decay, std::span<const float> parameters,
               std::span<float> gradient) const;
};

/// Samples (columns of classes x samples) whose largest score is their label's. A model that
/// diverged predicts nothing.
std::uint64_t count_correct(const_matrix_view scores, std::span<const std::int32_t> labels);

} // namespace adsp::learning
