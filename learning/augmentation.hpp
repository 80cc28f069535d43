// Changes of images that leave their labels true, drawn anew for every minibatch.
#pragma once

#include "learning/dataset.hpp"
#include "learning/random.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace adsp::learning {

/// What may happen to each image of a minibatch.
struct augmentation {
  bool flip = false;       ///< left becomes right, with probability 1/2
  std::uint32_t shift = 0; ///< pixels, at most, up or down and left or right; zeros move in

  bool any() const { return flip || shift > 0; }
};

/// Reads "flip" and "shift:N", N from 1 to 64. Throws `data_error`.
augmentation parse_augmentation(const std::vector<std::string>& words);

/// Changes every sample of `batch`, an image of shape `image`, in place, with numbers drawn from
/// `random`. Allocates nothing.
void augment(const augmentation& x, const shape& image, generator& random, minibatch& batch);

} // namespace adsp::learning
