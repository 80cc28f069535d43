// The model that a worker trains: a function of one flat parameter vector. A model holds no
// parameters, only scratch, so that the same vector can live in parameter blocks, in a file or in a
// worker.
#pragma once

#include "learning/data/dataset.hpp"
#include "learning/layers/layer.hpp"
#include "learning/models/model_options.hpp"
#include "learning/random.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace adsp::learning {

/// Sums over evaluated samples; add up those of several minibatches.
struct evaluation_sums {
  double loss = 0; ///< sum of the samples' losses (without penalty)
  std::uint64_t correct = 0;
  std::uint64_t samples = 0;
  double squared_error = 0;  ///< regression: sum of (prediction - value)^2
  double absolute_error = 0; ///< regression: sum of |prediction - value|

  evaluation_sums& operator+=(const evaluation_sums& sums) {
    loss += sums.loss;
    correct += sums.correct;
    samples += sums.samples;
    squared_error += sums.squared_error;
    absolute_error += sums.absolute_error;
    return *this;
  }
};

/// Not thread-safe because of the scratch: each user needs its own instance. Equal inputs give
/// equal bits if `parameters` and `gradient` begin at multiples of 64 bytes (`aligned_vector`).
class model {
public:
  virtual ~model() = default;

  virtual std::size_t parameter_count() const = 0;

  /// The parts of the parameters in their order, without gaps.
  virtual std::vector<tensor> tensors() const = 0;

  /// Fills `parameters` (parameter_count) with initial values.
  virtual void initialise(std::span<float> parameters, generator random) const = 0;

  /// Mean loss of the batch, and its gradient into `gradient` (parameter_count, overwritten).
  /// Allocates nothing after the first call with a batch size.
  virtual float loss_and_gradient(std::span<const float> parameters, const minibatch& batch,
                                  std::span<float> gradient) = 0;

  /// Losses and correct predictions of the batch.
  virtual evaluation_sums evaluate(std::span<const float> parameters, const minibatch& batch) = 0;

  /// `outputs` becomes outputs x samples for `features` (features x samples): a score for each
  /// class, the largest being the prediction, or the predicted number. A quadratic predicts
  /// nothing: no outputs.
  virtual void predict(std::span<const float> parameters, const Eigen::MatrixXf& features,
                       Eigen::MatrixXf& outputs) = 0;
};

/// Evaluates the samples [first, first + count) of `data`; `slice` is scratch, kept by the caller
/// so that slices of one size allocate once.
evaluation_sums evaluate_range(model& net, std::span<const float> parameters, const dataset& data,
                               std::size_t first, std::size_t count, minibatch& slice);

/// The shape of a sample: flat unless the data set has a shape.
shape input_of(const dataset& samples);

/// Makes the model for samples of shape `input` and labels of `classes` classes; 0: numbers
/// (regression). Throws std::invalid_argument for an unknown kind or an invalid shape.
std::unique_ptr<model> make_model(const model_options& options, const shape& input,
                                  std::int32_t classes);

} // namespace adsp::learning
