// Functions of each number by itself.
#pragma once

#include "learning/layers/layer.hpp"

namespace adsp::learning {

/// max(0, x); NaN passes through, because divergence must show in the loss.
template <class Scalar>
class relu final : public layer<Scalar> {
public:
  explicit relu(const shape& input) : layer<Scalar>(input, input) {}

  bool works_in_place() const override { return true; }
  void forward(std::span<const Scalar> parameters, const_batch_view<Scalar> input,
               batch_view<Scalar> output, const pass& how) override;
  void backward(std::span<const Scalar> parameters, const_batch_view<Scalar> input,
                const_batch_view<Scalar> output, batch_view<Scalar> delta,
                std::span<Scalar> gradient, batch_view<Scalar> passed) override;
};

template <class Scalar>
class tanh_layer final : public layer<Scalar> {
public:
  explicit tanh_layer(const shape& input) : layer<Scalar>(input, input) {}

  bool works_in_place() const override { return true; }
  void forward(std::span<const Scalar> parameters, const_batch_view<Scalar> input,
               batch_view<Scalar> output, const pass& how) override;
  void backward(std::span<const Scalar> parameters, const_batch_view<Scalar> input,
                const_batch_view<Scalar> output, batch_view<Scalar> delta,
                std::span<Scalar> gradient, batch_view<Scalar> passed) override;
};

/// 1 / (1 + exp(-x)), the logistic function; NaN passes through.
template <class Scalar>
class sigmoid_layer final : public layer<Scalar> {
public:
  explicit sigmoid_layer(const shape& input) : layer<Scalar>(input, input) {}

  bool works_in_place() const override { return true; }
  void forward(std::span<const Scalar> parameters, const_batch_view<Scalar> input,
               batch_view<Scalar> output, const pass& how) override;
  void backward(std::span<const Scalar> parameters, const_batch_view<Scalar> input,
                const_batch_view<Scalar> output, batch_view<Scalar> delta,
                std::span<Scalar> gradient, batch_view<Scalar> passed) override;
};

extern template class relu<float>;
extern template class relu<double>;
extern template class tanh_layer<float>;
extern template class tanh_layer<double>;
extern template class sigmoid_layer<float>;
extern template class sigmoid_layer<double>;

} // namespace adsp::learning
