// The maximum or the mean of a window, for each channel separately. Places outside the image do not
// count.
#pragma once

#include "learning/layers/layer.hpp"

namespace adsp::learning {

/// The windows of a pool.
struct pool_windows {
  std::ptrdiff_t kernel; ///< height and width
  std::ptrdiff_t stride; ///< at least 1
  std::ptrdiff_t
      padding; ///< places outside, at each edge; fewer than `kernel`, so that no window is empty

  shape output(const shape& input) const {
    return {(input.height + 2 * padding - kernel) / stride + 1,
            (input.width + 2 * padding - kernel) / stride + 1, input.channels};
  }
};

/// NaN counts as the largest number; of equal numbers the first gets the gradient.
template <class Scalar>
class max_pool final : public layer<Scalar> {
public:
  max_pool(const shape& input, const pool_windows& windows);

  bool reads_output() const override { return false; }
  void reserve(std::ptrdiff_t samples) override;
  std::uint64_t scratch_bytes(std::ptrdiff_t samples) const override;
  void forward(std::span<const Scalar> parameters, const_batch_view<Scalar> input,
               batch_view<Scalar> output, const pass& how) override;
  void backward(std::span<const Scalar> parameters, const_batch_view<Scalar> input,
                const_batch_view<Scalar> output, batch_view<Scalar> delta,
                std::span<Scalar> gradient, batch_view<Scalar> passed) override;

private:
  pool_windows windows_;
  std::vector<std::int32_t> chosen_; ///< for each output: the place of its window
};

template <class Scalar>
class average_pool final : public layer<Scalar> {
public:
  average_pool(const shape& input, const pool_windows& windows);

  bool reads_output() const override { return false; }
  void forward(std::span<const Scalar> parameters, const_batch_view<Scalar> input,
               batch_view<Scalar> output, const pass& how) override;
  void backward(std::span<const Scalar> parameters, const_batch_view<Scalar> input,
                const_batch_view<Scalar> output, batch_view<Scalar> delta,
                std::span<Scalar> gradient, batch_view<Scalar> passed) override;

private:
  pool_windows windows_;
};

extern template class max_pool<float>;
extern template class max_pool<double>;
extern template class average_pool<float>;
extern template class average_pool<double>;

} // namespace adsp::learning
