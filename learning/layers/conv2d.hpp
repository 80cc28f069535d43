// A convolution over images, channels last.
#pragma once

#include "learning/aligned_vector.hpp"
#include "learning/layers/initialiser.hpp"
#include "learning/layers/layer.hpp"
#include "learning/layers/product.hpp"

namespace adsp::learning {

/// Each output place has a number for each filter: the filter's bias plus the sum of its weights
/// times the window of the input there. Parameters: weights {filters, kernel, kernel, channels},
/// then biases {filters}.
template <class Scalar>
class conv2d final : public layer<Scalar> {
public:
  /// `padding`: zeros at each edge, fewer than `kernel`. The padded input must be at least as large
  /// as a window.
  conv2d(const shape& input, std::ptrdiff_t filters, std::ptrdiff_t kernel, std::ptrdiff_t stride,
         std::ptrdiff_t padding, initialiser start);

  std::vector<tensor> tensors() const override;
  void initialise(std::span<Scalar> parameters, generator& random) const override;
  bool reads_output() const override { return false; }
  void reserve(std::ptrdiff_t samples) override;
  std::uint64_t scratch_bytes(std::ptrdiff_t samples) const override;
  void forward(std::span<const Scalar> parameters, const_batch_view<Scalar> input,
               batch_view<Scalar> output, const pass& how) override;
  void backward(std::span<const Scalar> parameters, const_batch_view<Scalar> input,
                const_batch_view<Scalar> output, batch_view<Scalar> delta,
                std::span<Scalar> gradient, batch_view<Scalar> passed) override;

private:
  /// Windows over an image, entirely within it.
  struct windows {
    std::ptrdiff_t height; ///< of the image
    std::ptrdiff_t width;
    std::ptrdiff_t channels;
    std::ptrdiff_t kernel; ///< height and width of a window
    std::ptrdiff_t stride;

    std::ptrdiff_t row() const { return width * channels; }              ///< numbers
    std::ptrdiff_t image() const { return height * row(); }              ///< numbers
    std::ptrdiff_t window_row() const { return kernel * channels; }      ///< numbers side by side
    std::ptrdiff_t window() const { return kernel * kernel * channels; } ///< numbers
  };

  /// A sample with its padding: `image_`, or the input itself if there is no padding.
  const Scalar* padded_image(const Scalar* sample);

  void backward_parameters(const_batch_view<Scalar> input, const_batch_view<Scalar> delta,
                           std::span<Scalar> gradient);
  void backward_input(std::span<const Scalar> parameters, const_batch_view<Scalar> delta,
                      batch_view<Scalar> passed);

  /// Copies the gradient by one sample's output into the middle of `spread_`.
  void spread(const Scalar* delta);

  std::ptrdiff_t filters() const { return this->output().channels; }
  std::ptrdiff_t rows() const { return this->output().height; }
  std::ptrdiff_t columns() const { return this->output().width; }

  std::ptrdiff_t padding_;
  initialiser start_;
  windows over_input_;            ///< with the padding
  windows over_delta_;            ///< the gradient by the output, spread by the stride
  packed_left<Scalar> packed_;    ///< the weights, or a sample's gradient by the output
  aligned_vector<Scalar> image_;  ///< a padded sample; its edges stay zero
  aligned_vector<Scalar> spread_; ///< a sample of `over_delta_`; its gaps stay zero
  aligned_vector<Scalar> turned_; ///< (kernel, kernel, filters, channels): the rotated filters
  aligned_vector<Scalar> sums_;   ///< window x filters: gradient by the weights
};

extern template class conv2d<float>;
extern template class conv2d<double>;

} // namespace adsp::learning
