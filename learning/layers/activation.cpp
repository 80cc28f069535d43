#include "learning/layers/activation.hpp"

namespace adsp::learning {

using Eigen::Index;

template <class Scalar>
void relu<Scalar>::forward(std::span<const Scalar>, const_batch_view<Scalar> input,
                           batch_view<Scalar> output, const pass&) {
  const auto* from = input.data();
  auto* to = output.data();
  for (Index i = 0; i < input.size(); ++i)
    to[i] = from[i] < Scalar{0} ? Scalar{0} : from[i];
}

template <class Scalar>
void relu<Scalar>::backward(std::span<const Scalar>, const_batch_view<Scalar>,
                            const_batch_view<Scalar> output, batch_view<Scalar> delta,
                            std::span<Scalar>, batch_view<Scalar> passed) {
  if (!passed.data())
    return;
  const auto* y = output.data();
  const auto* from = delta.data();
  auto* to = passed.data();
  for (Index i = 0; i < output.size(); ++i)
    to[i] = y[i] > Scalar{0} ? from[i] : Scalar{0};
}

template <class Scalar>
void tanh_layer<Scalar>::forward(std::span<const Scalar>, const_batch_view<Scalar> input,
                                 batch_view<Scalar> output, const pass&) {
  output = input.array().tanh();
}

template <class Scalar>
void tanh_layer<Scalar>::backward(std::span<const Scalar>, const_batch_view<Scalar>,
                                  const_batch_view<Scalar> output, batch_view<Scalar> delta,
                                  std::span<Scalar>, batch_view<Scalar> passed) {
  if (passed.data())
    passed = delta.array() * (Scalar{1} - output.array().square());
}

template <class Scalar>
void sigmoid_layer<Scalar>::forward(std::span<const Scalar>, const_batch_view<Scalar> input,
                                    batch_view<Scalar> output, const pass&) {
  output = (Scalar{1} + (-input.array()).exp()).inverse(); // logistic() would hide NaN
}

template <class Scalar>
void sigmoid_layer<Scalar>::backward(std::span<const Scalar>, const_batch_view<Scalar>,
                                     const_batch_view<Scalar> output, batch_view<Scalar> delta,
                                     std::span<Scalar>, batch_view<Scalar> passed) {
  if (passed.data())
    passed = delta.array() * output.array() * (Scalar{1} - output.array());
}

template class relu<float>;
template class relu<double>;
template class tanh_layer<float>;
template class tanh_layer<double>;
template class sigmoid_layer<float>;
template class sigmoid_layer<double>;

} // namespace adsp::learning
