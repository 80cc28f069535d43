#include "learning/layers/dense.hpp"

#include "learning/layers/product.hpp"

#include <algorithm>
#include <utility>

namespace adsp::learning {

template <class Scalar>
dense<Scalar>::dense(const shape& input, std::ptrdiff_t units, initialiser start)
    : layer<Scalar>(input, flat(units)), start_(std::move(start)) {}

template <class Scalar>
std::vector<tensor> dense<Scalar>::tensors() const {
  return {{"weights", {units(), inputs()}, true}, {"biases", {units()}, false}};
}

template <class Scalar>
void dense<Scalar>::initialise(std::span<Scalar> parameters, generator& random) const {
  const auto weights = static_cast<std::size_t>(inputs() * units());
  start_.fill(parameters.first(weights), inputs(), units(), random);
  std::ranges::fill(parameters.subspan(weights), Scalar{0});
}

template <class Scalar>
void dense<Scalar>::forward(std::span<const Scalar> parameters, const_batch_view<Scalar> input,
                            batch_view<Scalar> output, const pass&) {
  multiply<Scalar>({parameters.data(), inputs(), 1}, {input.data(), 1, inputs()},
                   {output.data(), 1, units()}, units(), input.cols(), inputs());
  const auto* biases = parameters.data() + inputs() * units();
  output.colwise() += const_batch_view<Scalar>(biases, units(), 1).col(0);
}

template <class Scalar>
void dense<Scalar>::backward(std::span<const Scalar> parameters, const_batch_view<Scalar> input,
                             const_batch_view<Scalar>, batch_view<Scalar> delta,
                             std::span<Scalar> gradient, batch_view<Scalar> passed) {
  const auto samples = input.cols();
  multiply<Scalar>({input.data(), 1, inputs()}, {delta.data(), units(), 1},
                   {gradient.data(), 1, inputs()}, inputs(), units(), samples);
  auto sums = batch_view<Scalar>(gradient.data() + inputs() * units(), units(), 1).col(0);
  sums.setZero();
  for (Eigen::Index sample = 0; sample < samples; ++sample)
    sums += delta.col(sample);
  if (passed.data())
    multiply<Scalar>({parameters.data(), 1, inputs()}, {delta.data(), 1, units()},
                     {passed.data(), 1, inputs()}, inputs(), samples, units());
}

template class dense<float>;
template class dense<double>;

} // namespace adsp::learning
