#include "learning/layers/activation.hpp"

namespace adsp::learning {

using Eigen::Index;

struct relu_rule {
  template <class Scalar>
  static void apply(const_batch_view<Scalar> input, batch_view<Scalar> output) {
    const auto* from = input.data();
    auto* to = output.data();
    for (Index i = 0; i < input.size(); ++i)
      to[i] = from[i] < Scalar{0} ? Scalar{0} : from[i];
  }

  template <class Scalar>
  static void pass_back(const_batch_view<Scalar> output, batch_view<Scalar> delta,
                        batch_view<Scalar> passed) {
    const auto* y = output.data();
    const auto* from = delta.data();
    auto* to = passed.data();
    for (Index i = 0; i < output.size(); ++i)
      to[i] = y[i] > Scalar{0} ? from[i] : Scalar{0};
  }
};

struct tanh_rule {
  template <class Scalar>
  static void apply(const_batch_view<Scalar> input, batch_view<Scalar> output) {
    output = input.array().tanh();
  }

  template <class Scalar>
  static void pass_back(const_batch_view<Scalar> output, batch_view<Scalar> delta,
                        batch_view<Scalar> passed) {
    passed = delta.array() * (Scalar{1} - output.array().square());
  }
};

struct sigmoid_rule {
  template <class Scalar>
  static void apply(const_batch_view<Scalar> input, batch_view<Scalar> output) {
    output = (Scalar{1} + (-input.array()).exp()).inverse(); // logistic() would hide NaN
  }

  template <class Scalar>
  static void pass_back(const_batch_view<Scalar> output, batch_view<Scalar> delta,
                        batch_view<Scalar> passed) {
    passed = delta.array() * output.array() * (Scalar{1} - output.array());
  }
};

template <class Scalar, class Rule>
void activation<Scalar, Rule>::forward(std::span<const Scalar>, const_batch_view<Scalar> input,
                                       batch_view<Scalar> output, const pass&) {
  Rule::template apply<Scalar>(input, output);
}

template <class Scalar, class Rule>
void activation<Scalar, Rule>::backward(std::span<const Scalar>, const_batch_view<Scalar>,
                                        const_batch_view<Scalar> output, batch_view<Scalar> delta,
                                        std::span<Scalar>, batch_view<Scalar> passed) {
  if (passed.data())
    Rule::template pass_back<Scalar>(output, delta, passed);
}

template class activation<float, relu_rule>;
template class activation<double, relu_rule>;
template class activation<float, tanh_rule>;
template class activation<double, tanh_rule>;
template class activation<float, sigmoid_rule>;
template class activation<double, sigmoid_rule>;

} // namespace adsp::learning
