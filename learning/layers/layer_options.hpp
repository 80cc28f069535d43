// One entry of a model's list of layers; the config's [[model.layer]] table.
#pragma once

#include <cstdint>
#include <string>

namespace adsp::learning {

/// The options of a layer. `layer_keys` gives each member's meaning and valid values, `layer_kinds`
/// the kinds that read it. A config that sets a key which its kind or initialiser does not read is
/// refused.
struct layer_options {
  std::string kind;          ///< a name of `layer_kinds`
  std::uint32_t units = 0;   ///< dense, lstm, gru; embedding: numbers of a token's vector
  std::uint32_t filters = 0; ///< conv2d
  std::uint32_t kernel = 0;  ///< conv2d, pools: height and width of the window
  std::uint32_t stride = 0;  ///< conv2d (0: 1), pools (0: kernel)
  /// conv2d: zeros at each edge, -1 keeps height and width (odd kernel, stride 1); pools: padded
  /// places at each edge that do not count, -1 means 0
  std::int32_t padding = -1;
  std::uint32_t vocabulary = 0; ///< embedding (the first layer): tokens are 0 <= token < vocabulary
  std::uint32_t depth = 5;      ///< local_response_norm: channels summed over, odd
  double alpha = 1e-4;          ///< local_response_norm
  double beta = 0.75;           ///< local_response_norm
  double bias = 1;              ///< local_response_norm: k of Krizhevsky et al., 2012
  double rate = 0.5;            ///< dropout: share of the numbers that is dropped
  bool sequence = false;        ///< lstm, gru: pass on every step's output instead of the last
  /// dense, conv2d: "he", "glorot", "truncated_normal"; empty: he before a ReLU, else glorot
  std::string initialiser;
  double deviation = 0.1; ///< dense, conv2d: of the initialiser truncated_normal
};

} // namespace adsp::learning
