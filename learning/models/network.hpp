// A sequence of layers and a loss: a differentiable function of one flat parameter vector.
#pragma once

#include "learning/aligned_vector.hpp"
#include "learning/layers/layer.hpp"
#include "learning/models/loss.hpp"

#include <memory>
#include <span>
#include <string>
#include <vector>

namespace adsp::learning {

/// A layer and its kind's name in configs.
template <class Scalar>
struct named_layer {
  std::string kind;
  std::unique_ptr<layer<Scalar>> part;
};

/// The summary of a layer.
struct layer_row {
  std::string kind;
  shape output;
  std::size_t parameters = 0;
};

/// Holds no parameters, only scratch, which grows with the largest minibatch and never shrinks.
template <class Scalar>
class network {
public:
  /// Each layer takes the output of the previous one; there must be at least one.
  network(std::vector<named_layer<Scalar>> layers, std::unique_ptr<loss<Scalar>> aim,
          double weight_decay);

  const shape& input() const { return places_.front().part->input(); }
  const shape& output() const { return places_.back().part->output(); }
  std::size_t parameter_count() const { return parameter_count_; }

  /// The layers' tensors in order, without gaps, named "0.dense.weights" and so on.
  std::vector<tensor> tensors() const;

  /// The layers, from the first.
  std::vector<layer_row> describe() const;

  void initialise(std::span<Scalar> parameters, generator random) const;

  /// The last layer's output for `inputs` (input().size() x samples), valid until the next call.
  const_batch_view<Scalar> forward(std::span<const Scalar> parameters,
                                   const_batch_view<Scalar> inputs, const pass& how);

  /// Mean loss with the L2 penalty, and its gradient into `gradient` (overwritten).
  double loss_and_gradient(std::span<const Scalar> parameters, const_batch_view<Scalar> inputs,
                           const targets& known, const pass& how, std::span<Scalar> gradient);

  /// Sum of the samples' losses for those outputs, without penalty.
  double loss_sum(const_batch_view<Scalar> outputs, const targets& x) {
    return aim_->value(outputs, x);
  }

  /// Bytes that `loss_and_gradient` of `samples` samples needs for each layer, besides the
  /// parameters and the gradient: the layer's output and scratch; the widest layer also counts the
  /// gradients passed back.
  std::vector<std::uint64_t> scratch_bytes(Eigen::Index samples) const;

  /// Numbers of scratch between the layers for each sample.
  std::size_t numbers_per_sample() const;

private:
  /// A layer, its part of the parameters and its output.
  struct place {
    std::string kind;
    std::unique_ptr<layer<Scalar>> part;
    std::size_t first; ///< of its parameters
    std::size_t count; ///< of its parameters
    bool in_place;     ///< whether its output overwrites the previous layer's
    aligned_vector<Scalar> output;
  };

  /// A range of the parameters.
  struct range {
    std::size_t first;
    std::size_t count;
  };

  void reserve(Eigen::Index samples);
  Scalar* output_of(std::size_t place);
  void backward(std::span<const Scalar> parameters, const_batch_view<Scalar> inputs,
                std::span<Scalar> gradient);
  double add_penalty(std::span<const Scalar> parameters, std::span<Scalar> gradient) const;

  std::vector<place> places_;
  std::unique_ptr<loss<Scalar>> aim_;
  double weight_decay_;
  std::size_t parameter_count_ = 0;
  std::vector<range> decaying_;   ///< parameters with the penalty
  std::size_t lowest_ = 0;        ///< first layer with parameters: below it no gradient is needed
  Eigen::Index reserved_ = 0;     ///< samples the scratch is large enough for
  aligned_vector<Scalar> delta_;  ///< gradient by a layer's output
  aligned_vector<Scalar> passed_; ///< gradient by its input, then exchanged with `delta_`
};

extern template class network<float>;
extern template class network<double>;

} // namespace adsp::learning
