#include "learning/layers/layer_keys.hpp"

#include <cmath>
#include <locale>
#include <sstream>
#include <type_traits>

namespace adsp::learning {

namespace {

using options = layer_options;

/// The shortest decimal form.
std::string shortest(double value) {
  std::ostringstream text;
  text.imbue(std::locale::classic());
  text.precision(15);
  text << value;
  return text.str();
}

} // namespace

std::span<const layer_key> layer_keys() {
  static const std::vector<layer_key> keys = {
      {.name = "vocabulary",
       .member = &options::vocabulary,
       .sentence = "Number of tokens, which are the whole numbers from 0 to vocabulary - 1.",
       .low = 1,
       .high = 16'777'216}, // a float represents every whole number up to here
      {.name = "units",
       .member = &options::units,
       .sentence = "Numbers of output; of a recurrent layer at each step, of an embedding for "
                   "each token.",
       .low = 1,
       .high = 65536},
      {.name = "filters",
       .member = &options::filters,
       .sentence = "Channels of the output image.",
       .low = 1,
       .high = 65536},
      {.name = "kernel",
       .member = &options::kernel,
       .sentence = "Height and width of the window.",
       .low = 1,
       .high = 4096},
      {.name = "stride",
       .member = &options::stride,
       .sentence = "Pixels from window to window; 0: 1 for a convolution, `kernel` for a pool.",
       .high = 4096},
      {.name = "padding",
       .member = &options::padding,
       .sentence = "For a convolution: zeros at each edge, -1: as many as keep height and "
                   "width. For a pool: places at each edge that do not count, -1: none.",
       .low = -1,
       .high = 4096},
      {.name = "depth",
       .member = &options::depth,
       .sentence = "Channels summed over: the channel itself and as many on either side.",
       .low = 1,
       .high = 65535,
       .odd = true},
      {.name = "alpha",
       .member = &options::alpha,
       .sentence = "Factor of the sum of squares, not divided by `depth`.",
       .high = 1e6},
      {.name = "beta", .member = &options::beta, .sentence = "Exponent.", .high = 1e6},
      {.name = "bias",
       .member = &options::bias,
       .sentence = "Added to the sum; k of Krizhevsky et al., 2012.",
       .open_low = true},
      {.name = "sequence",
       .member = &options::sequence,
       .sentence = "Whether every step's output is passed on, instead of the last one's."},
      {.name = "rate",
       .member = &options::rate,
       .sentence = "Share of the numbers that is dropped in training.",
       .high = 1,
       .open_high = true},
      {.name = "initialiser",
       .member = &options::initialiser,
       .sentence = "How weights are initialised; left out: \"he\" before a ReLU, else "
                   "\"glorot\".",
       .words = {"he", "glorot", "truncated_normal"}},
      {.name = "deviation",
       .member = &options::deviation,
       .sentence = "Standard deviation of the initialiser.",
       .open_low = true,
       .initialiser = "truncated_normal"},
  };
  return keys;
}

std::string limits_of(const layer_key& key) {
  auto text = (key.open_low ? "above " : "at least ") + shortest(key.low);
  if (std::isfinite(key.high))
    text += (key.open_high ? " and below " : " and at most ") + shortest(key.high);
  return key.odd ? text + ", an odd number" : text;
}

std::string mistake_in(const layer_key& key, const layer_options& options) {
  const auto mistake = [&](auto member) -> std::string {
    using type = std::decay_t<decltype(options.*member)>;
    if constexpr (std::is_same_v<type, bool> || std::is_same_v<type, std::string>) {
      return {};
    } else {
      const auto value = static_cast<double>(options.*member);
      const bool sound = std::isfinite(value) &&
                         (key.open_low ? value > key.low : value >= key.low) &&
                         (key.open_high ? value < key.high : value <= key.high) &&
                         (!key.odd || std::fmod(value, 2) == 1);
      return sound ? std::string()
                   : std::string(key.name) + " is " + shortest(value) + ", expected " +
                         limits_of(key);
    }
  };
  return std::visit(mistake, key.member);
}

} // namespace adsp::learning
