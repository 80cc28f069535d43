// Initial values of weights.
#pragma once

#include "learning/random.hpp"

#include <cstddef>
#include <span>
#include <string>

namespace adsp::learning {

/// The initial weights of a dense layer or a convolution; the biases start at zero.
struct initialiser {
  /// "zero"; "he": normal with deviation sqrt(2 / inputs) (He et al., 2015); "glorot": uniform
  /// within +-sqrt(6 / (inputs + outputs)) (Glorot and Bengio, 2010); "truncated_normal": normal
  /// with `deviation`, redrawn beyond two deviations.
  std::string kind = "glorot";
  double deviation = 0.1; ///< truncated_normal

  /// `inputs`: numbers that each output sums over; `outputs`: numbers that each input goes to.
  template <class Scalar>
  void fill(std::span<Scalar> weights, std::ptrdiff_t inputs, std::ptrdiff_t outputs,
            generator& random) const;
};

/// Whether `fill` knows the kind.
bool is_initialiser(const std::string& kind);

} // namespace adsp::learning
