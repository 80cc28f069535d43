#include "learning/data/augmentation.hpp"

#include "learning/data/text/cell_text.hpp"
#include "learning/data_error.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

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

/// Reads `prefix` and a number of pixels, from 1 to `most`; false if the word is something else.
bool read_pixels(std::string_view word, std::string_view prefix, std::uint32_t most,
                 std::uint32_t& into) {
  if (!word.starts_with(prefix))
    return false;
  std::uint32_t value = 0;
  const auto* end = word.data() + word.size();
  const auto [stop, error] = std::from_chars(word.data() + prefix.size(), end, value);
  if (error != std::errc{} || stop != end || value < 1 || value > most)
    return false;
  into = value;
  return true;
}

shape part_of(std::uint32_t side, const shape& image) {
  if (side > image.height || side > image.width)
    throw data_error("data.augment has \"crop:" + std::to_string(side) + "\", and the images are " +
                     to_string(image) + "; expected at most " +
                     std::to_string(std::min(image.height, image.width)));
  return {side, side, image.channels};
}

/// Copies the pixels of `part` of an image, whose top left corner is at row `top`, column `left`.
void copy_part(const float* image, const shape& all, std::ptrdiff_t top, std::ptrdiff_t left,
               const shape& part, float* into) {
  const auto line = part.width * part.channels;
  for (std::ptrdiff_t row = 0; row < part.height; ++row, into += line)
    std::copy_n(image + ((top + row) * all.width + left) * all.channels, line, into);
}

} // namespace

augmentation parse_augmentation(const std::vector<std::string>& words) {
  augmentation result;
  for (const auto& word : words)
    if (word == "flip")
      result.flip = true;
    else if (!read_pixels(word, "shift:", 64, result.shift) &&
             !read_pixels(word, "crop:", 4096, result.crop))
      throw data_error("found " + shown(word) +
                       ", expected \"flip\" or \"shift:N\" with N from 1 to 64 pixels or "
                       "\"crop:N\" with N from 1 to 4096");
  return result;
}

void crop_at_random(std::uint32_t side, dataset& samples) {
  const auto part = part_of(side, samples.input);
  if (part == samples.input)
    return;
  samples.image = samples.input;
  samples.input = part;
}

void crop_to_middle(std::uint32_t side, dataset& samples) {
  const auto part = part_of(side, samples.input);
  if (part == samples.input)
    return;
  Eigen::MatrixXf middle(part.size(), samples.features.cols());
  for (Eigen::Index i = 0; i < middle.cols(); ++i)
    copy_part(samples.features.col(i).data(), samples.input,
              (samples.input.height - part.height) / 2, (samples.input.width - part.width) / 2,
              part, middle.col(i).data());
  samples.features = std::move(middle);
  samples.input = part;
}

void draw_samples(const dataset& from, std::span<const std::uint32_t> rows, generator& random,
                  minibatch& into) {
  if (from.image.size() == 0) {
    gather(from, rows, into);
    return;
  }
  gather_targets(from, rows, into);
  into.features.resize(from.input.size(), static_cast<Eigen::Index>(rows.size()));
  const auto place = [&random](std::ptrdiff_t most) {
    return static_cast<std::ptrdiff_t>(random.below(static_cast<std::uint64_t>(most) + 1));
  };
  for (Eigen::Index i = 0; i < into.features.cols(); ++i) {
    const auto top = place(from.image.height - from.input.height);
    copy_part(from.features.col(rows[static_cast<std::size_t>(i)]).data(), from.image, top,
              place(from.image.width - from.input.width), from.input, into.features.col(i).data());
  }
}

void augment(const augmentation& change, const shape& image, generator& random, minibatch& batch) {
  if (!change.any() || image.size() != batch.features.rows())
    return;
  const auto offset = [&] {
    return static_cast<std::ptrdiff_t>(random.below(2 * change.shift + 1)) -
           static_cast<std::ptrdiff_t>(change.shift);
  };
  for (Eigen::Index i = 0; i < batch.features.cols(); ++i) {
    auto* pixels = batch.features.col(i).data();
    if (change.flip && random.below(2) == 1)
      flip(pixels, image);
    if (change.shift == 0)
      continue;
    const auto down = offset();
    shift(pixels, image, down, offset());
  }
}

} // namespace adsp::learning
