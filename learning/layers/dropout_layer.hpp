// Dropout (Srivastava et al., 2014), inverted: kept numbers are scaled up in training, so that
// evaluation needs no scaling.
#pragma once

#include "learning/aligned_vector.hpp"
#include "learning/layers/layer.hpp"

#include <vector>

namespace adsp::learning {

/// In training each number becomes 0 with probability `rate`, rounded to the nearest 65536th, else
/// it is divided by 1 - rate. Outside training the layer passes its input on. The mask depends only
/// on the pass's draw and the layer's index: equal draws give equal masks.
template <class Scalar>
class dropout_layer final : public layer<Scalar> {
public:
  /// `rate`: at least 0, below 1. `index`: of the layer in its network, so that layers drop
  /// independently.
  dropout_layer(const shape& input, double rate, std::uint64_t index);

  bool reads_output() const override { return false; }
  bool works_in_place() const override { return true; }
  void reserve(std::ptrdiff_t samples) override;
  std::uint64_t scratch_bytes(std::ptrdiff_t samples) const override;
  void forward(std::span<const Scalar> parameters, const_batch_view<Scalar> input,
               batch_view<Scalar> output, const pass& how) override;
  void backward(std::span<const Scalar> parameters, const_batch_view<Scalar> input,
                const_batch_view<Scalar> output, batch_view<Scalar> delta,
                std::span<Scalar> gradient, batch_view<Scalar> passed) override;

private:
  double rate_;
  std::uint64_t index_;
  bool drops_ = false;           ///< whether the last forward pass dropped numbers
  aligned_vector<Scalar> masks_; ///< for each number 0 or 1 / (1 - rate); whole blocks
};

extern template class dropout_layer<float>;
extern template class dropout_layer<double>;

} // namespace adsp::learning
