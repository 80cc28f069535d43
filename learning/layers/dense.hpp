// A fully connected layer.
#pragma once

#include "learning/layers/initialiser.hpp"
#include "learning/layers/layer.hpp"

namespace adsp::learning {

/// output = weights input + biases, over all numbers of the input. Parameters: weights {units,
/// inputs}, those of a unit contiguous, then biases {units}.
template <class Scalar>
class dense final : public layer<Scalar> {
public:
  dense(const shape& input, std::ptrdiff_t units, initialiser start);

  std::vector<tensor> tensors() const override;
  void initialise(std::span<Scalar> parameters, generator& random) const override;
  bool reads_output() const override { return false; }
  void forward(std::span<const Scalar> parameters, const_batch_view<Scalar> input,
               batch_view<Scalar> output, const pass& how) override;
  void backward(std::span<const Scalar> parameters, const_batch_view<Scalar> input,
                const_batch_view<Scalar> output, batch_view<Scalar> delta,
                std::span<Scalar> gradient, batch_view<Scalar> passed) override;

private:
  std::ptrdiff_t inputs() const { return this->input().size(); }
  std::ptrdiff_t units() const { return this->output().channels; }

  initialiser start_;
};

extern template class dense<float>;
extern template class dense<double>;

} // namespace adsp::learning
