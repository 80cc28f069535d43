#include "learning/layers/embedding_layer.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

namespace adsp::learning {

using Eigen::Index;

bool is_token(double x, std::ptrdiff_t vocabulary) {
  return x >= 0 && x < static_cast<double>(vocabulary) && x == std::floor(x);
}

template <class Scalar>
embedding_layer<Scalar>::embedding_layer(const shape& input, std::ptrdiff_t vocabulary,
                                         std::ptrdiff_t units)
    : layer<Scalar>(input, {input.size(), 1, units}), vocabulary_(vocabulary), units_(units) {
  assert(vocabulary > 0 && vocabulary <= (Index{1} << 24));
}

template <class Scalar>
std::vector<tensor> embedding_layer<Scalar>::tensors() const {
  return {{"weights", {vocabulary_, units_}, true}};
}

template <class Scalar>
void embedding_layer<Scalar>::initialise(std::span<Scalar> parameters, generator& random) const {
  for (auto& w : parameters)
    w = static_cast<Scalar>(random.normal());
}

template <class Scalar>
void embedding_layer<Scalar>::forward(std::span<const Scalar> parameters,
                                      const_batch_view<Scalar> input, batch_view<Scalar> output,
                                      const pass&) {
  const auto* tokens = input.data();
  auto* to = output.data();
  for (Index i = 0; i < input.size(); ++i, to += units_)
    if (is_token(static_cast<double>(tokens[i]), vocabulary_))
      std::copy_n(parameters.data() + static_cast<Index>(tokens[i]) * units_, units_, to);
    else
      std::fill_n(to, units_, std::numeric_limits<Scalar>::quiet_NaN());
}

template <class Scalar>
void embedding_layer<Scalar>::backward(std::span<const Scalar>, const_batch_view<Scalar> input,
                                       const_batch_view<Scalar>, batch_view<Scalar> delta,
                                       std::span<Scalar> gradient, batch_view<Scalar> passed) {
  std::ranges::fill(gradient, Scalar{0});
  const auto* tokens = input.data();
  const auto* from = delta.data();
  for (Index i = 0; i < input.size(); ++i, from += units_) {
    if (!is_token(static_cast<double>(tokens[i]), vocabulary_))
      continue;
    auto* row = gradient.data() + static_cast<Index>(tokens[i]) * units_;
    for (Index k = 0; k < units_; ++k)
      row[k] += from[k];
  }
  if (passed.data())
    passed.setZero();
}

template class embedding_layer<float>;
template class embedding_layer<double>;

} // namespace adsp::learning
