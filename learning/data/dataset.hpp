// Labelled samples in memory.
#pragma once

#include "learning/data/preprocessing.hpp"
#include "learning/shape.hpp"

#include <Eigen/Core>

#include <cstdint>
#include <span>
#include <vector>

namespace adsp::learning {

/// Samples as columns, so that a sample is contiguous.
struct dataset {
  Eigen::MatrixXf features;         ///< features x samples, a sample laid out as `input` says
  std::vector<std::int32_t> labels; ///< classification: one a sample, 0 <= label < classes
  std::vector<float> values;        ///< regression: the number to predict, one a sample
  std::int32_t classes = 0;         ///< 0: regression
  shape input;                      ///< of a sample; its size is features.rows() without `image`
  shape image = {0, 0, 0}; ///< if set, features are images of this shape; samples are parts of them
  std::vector<float> class_weights; ///< of the loss, one a class; empty: 1 each

  std::size_t size() const { return static_cast<std::size_t>(features.cols()); }
};

/// Some samples gathered for one step.
struct minibatch {
  Eigen::MatrixXf features;             ///< features x batch_size
  std::vector<std::int32_t> labels;     ///< batch_size, or empty
  std::vector<float> values;            ///< batch_size, or empty
  std::span<const float> class_weights; ///< those of the data set, which must outlive the minibatch
  std::uint64_t draw = 0;               ///< seeds what is random in a step, such as dropout
};

/// Copies the samples `rows` of `from` into `into`; allocates only when `into` has another shape.
/// For samples that are parts of images use `draw_samples` (learning/data/augmentation.hpp).
void gather(const dataset& from, std::span<const std::uint32_t> rows, minibatch& into);

/// The same, but copies labels, values and weights only.
void gather_targets(const dataset& from, std::span<const std::uint32_t> rows, minibatch& into);

/// The data of a job.
struct train_and_test {
  dataset train;
  dataset test;
  preprocessing prepared; ///< how rows of a table became samples
};

} // namespace adsp::learning
