#include "learning/augmentation.hpp"

#include "learning/text_blocks.hpp"

#include <algorithm>
#include <charconv>

namespace adsp::learning {

namespace {

void flip(float* pixels, const shape& image) {
  for (std::ptrdiff_t row = 0; row < image.height; ++row) {
    auto* line = pixels + row * image.width * image.channels;
    for (std::ptrdiff_t left = 0, right = image.width - 1; left < right; ++left, --right)
      std::swap_ranges(line + left * image.channels, line + (left + 1) * image.channels,
                       line + right * image.channels);
  }
}

/// Moves the floats of [line, line + size) by `by` places, up if positive; zeros move in.
void move(float* line, std::ptrdiff_t size, std::ptrdiff_t by) {
  by = std::clamp(by, -size, size);
  if (by > 0) {
    std::copy_backward(line, line + size - by, line + size);
    std::fill_n(line, by, 0.0F);
  } else if (by < 0) {
    std::copy(line - by, line + size, line);
    std::fill_n(line + size + by, -by, 0.0F);
  }
}

void shift(float* pixels, const shape& image, std::ptrdiff_t down, std::ptrdiff_t right) {
  const auto line = image.width * image.channels;
  move(pixels, image.size(), down * line);
  if (right != 0)
    for (std::ptrdiff_t row = 0; row < image.height; ++row)
      move(pixels + row * line, line, right * image.channels);
}

} // namespace

augmentation parse_augmentation(const std::vector<std::string>& words) {
  augmentation result;
  for (const auto& word : words) {
    constexpr std::string_view shift_word = "shift:";
    if (word == "flip") {
      result.flip = true;
      continue;
    }
    const auto* begin = word.data() + std::min(word.size(), shift_word.size());
    const auto* end = word.data() + word.size();
    const auto [stop, error] = std::from_chars(begin, end, result.shift);
    if (!word.starts_with(shift_word) || error != std::errc{} || stop != end || result.shift < 1 ||
        result.shift > 64)
      throw data_error("found " + shown(word) +
                       ", expected \"flip\" or \"shift:N\" with N from 1 to 64 pixels");
  }
  return result;
}

void augment(const augmentation& x, const shape& image, generator& random, minibatch& batch) {
  if (!x.any() || image.size() != batch.features.rows())
    return;
  const auto offset = [&] {
    return static_cast<std::ptrdiff_t>(random.below(2 * x.shift + 1)) -
           static_cast<std::ptrdiff_t>(x.shift);
  };
  for (Eigen::Index i = 0; i < batch.features.cols(); ++i) {
    auto* pixels = batch.features.col(i).data();
    if (x.flip && random.below(2) == 1)
      flip(pixels, image);
    if (x.shift == 0)
      continue;
    const auto down = offset();
    shift(pixels, image, down, offset());
  }
}

} // namespace adsp::learning
