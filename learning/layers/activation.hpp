// Activation functions, applied to each number by itself.
#pragma once

#include "learning/layers/layer.hpp"

namespace adsp::learning {

/// A layer that applies `Rule` to each number. The rule gives the function, and its derivative from
/// the output alone, so that the layer may work in place.
template <class Scalar, class Rule>
class activation final : public layer<Scalar> {
public:
  explicit activation(const shape& input) : layer<Scalar>(input, input) {}

  bool works_in_place() const override { return true; }
  void forward(std::span<const Scalar> parameters, const_batch_view<Scalar> input,
               batch_view<Scalar> output, const pass& how) override;
  void backward(std::span<const Scalar> parameters, const_batch_view<Scalar> input,
                const_batch_view<Scalar> output, batch_view<Scalar> delta,
                std::span<Scalar> gradient, batch_view<Scalar> passed) override;
};

/// max(0, x); NaN passes through, because divergence must show in the loss.
struct relu_rule;
struct tanh_rule;
/// 1 / (1 + exp(-x)), the logistic function; NaN passes through.
struct sigmoid_rule;

template <class Scalar>
using relu = activation<Scalar, relu_rule>;
template <class Scalar>
using tanh_layer = activation<Scalar, tanh_rule>;
template <class Scalar>
using sigmoid_layer = activation<Scalar, sigmoid_rule>;

extern template class activation<float, relu_rule>;
extern template class activation<double, relu_rule>;
extern template class activation<float, tanh_rule>;
extern template class activation<double, tanh_rule>;
extern template class activation<float, sigmoid_rule>;
extern template class activation<double, sigmoid_rule>;

} // namespace adsp::learning
