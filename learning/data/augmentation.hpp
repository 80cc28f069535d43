// Random changes of images that keep their labels valid, drawn anew for every minibatch.
#pragma once

#include "learning/data/dataset.hpp"
#include "learning/random.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace adsp::learning {

/// What may happen to each image of a minibatch.
struct augmentation {
  bool flip = false;       ///< left becomes right, with probability 1/2
  std::uint32_t shift = 0; ///< pixels, at most, up or down and left or right; zeros move in

  std::uint32_t crop = 0; ///< height and width, in pixels, of the part that the model sees; 0: all

  bool any() const { return flip || shift > 0; }
};

/// Reads "flip", "shift:N", N from 1 to 64, and "crop:N", N from 1 to 4096. Throws `data_error`.
augmentation parse_augmentation(const std::vector<std::string>& words);

/// Makes the samples parts of their images, side x side pixels each; `draw_samples` draws where a
/// part lies. Throws `data_error` for smaller images.
void crop_at_random(std::uint32_t side, dataset& samples);

/// Keeps only the middle of each image of `samples`, side x side pixels. Throws `data_error` for
/// smaller ones.
void crop_to_middle(std::uint32_t side, dataset& samples);

/// Copies the samples `rows` of `from` into `into`; if samples are parts of images, each part lies
/// at a place drawn from `random`. Allocates only when `into` has another shape.
void draw_samples(const dataset& from, std::span<const std::uint32_t> rows, generator& random,
                  minibatch& into);

/// Changes every sample of `batch`, an image of shape `image`, in place, with numbers drawn from
/// `random`. Allocates nothing.
void augment(const augmentation& change, const shape& image, generator& random, minibatch& batch);

} // namespace adsp::learning
