// One layer of a network: a differentiable function of its input and of its part of the flat
// parameter vector. A layer holds no parameters, only scratch. `Scalar` is float in jobs, double
// where gradients are verified.
#pragma once

#include "learning/random.hpp"
#include "learning/shape.hpp"

#include <Eigen/Core>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace adsp::learning {

template <class Scalar>
using matrix = Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic>;

/// A column for each sample, hence contiguous and laid out as `shape` says.
template <class Scalar>
using batch_view = Eigen::Map<matrix<Scalar>>;
template <class Scalar>
using const_batch_view = Eigen::Map<const matrix<Scalar>>;

/// A named part of a layer's parameters.
struct tensor {
  std::string name;                    ///< "weights", "biases", ...
  std::vector<std::ptrdiff_t> extents; ///< slowest first, as NumPy and PyTorch write them
  bool decays = true;                  ///< whether the L2 penalty applies; not to biases and scales

  std::size_t size() const;
};

/// The settings of one pass through a network.
struct pass {
  bool training = false;  ///< dropout drops only then
  std::uint64_t draw = 0; ///< the minibatch's: equal draws give equal random numbers
};

template <class Scalar>
class layer {
public:
  layer(const shape& input, const shape& output) : input_{input}, output_{output} {}
  virtual ~layer() = default;

  const shape& input() const { return input_; }
  const shape& output() const { return output_; }

  /// The parameters in their order, without gaps.
  virtual std::vector<tensor> tensors() const { return {}; }

  std::size_t parameter_count() const;

  /// Fills the layer's parameters with their initial values.
  virtual void initialise(std::span<Scalar> /*parameters*/, generator& /*random*/) const {}

  /// Whether `backward` reads the output. If not, a layer that works in place may overwrite it.
  virtual bool reads_output() const { return true; }

  /// Whether `output` may be the memory of `input` and `passed` that of `delta`: `backward` does
  /// not read the input.
  virtual bool works_in_place() const { return false; }

  /// Makes the scratch large enough for that many samples; it never shrinks.
  virtual void reserve(std::ptrdiff_t /*samples*/) {}

  /// Bytes of scratch for that many samples, including what `forward` and `backward` pack.
  virtual std::uint64_t scratch_bytes(std::ptrdiff_t /*samples*/) const { return 0; }

  /// Computes `output` from `input`. May keep in its scratch what `backward` needs. Allocates
  /// nothing.
  virtual void forward(std::span<const Scalar> parameters, const_batch_view<Scalar> input,
                       batch_view<Scalar> output, const pass& how) = 0;

  /// Call after `forward` with the same input and output. From `delta`, the gradient of the loss by
  /// the output, computes `gradient`, the one by the layer's parameters (overwritten), and
  /// `passed`, the one by the input, unless its data is null. `delta` may be used as scratch.
  /// Allocates nothing.
  virtual void backward(std::span<const Scalar> parameters, const_batch_view<Scalar> input,
                        const_batch_view<Scalar> output, batch_view<Scalar> delta,
                        std::span<Scalar> gradient, batch_view<Scalar> passed) = 0;

private:
  shape input_;
  shape output_;
};

inline std::size_t tensor::size() const {
  std::size_t product = 1;
  for (auto x : extents)
    product *= static_cast<std::size_t>(x);
  return product;
}

template <class Scalar>
std::size_t layer<Scalar>::parameter_count() const {
  std::size_t sum = 0;
  for (const auto& x : tensors())
    sum += x.size();
  return sum;
}

} // namespace adsp::learning
