#include "learning/make_network.hpp"

#include "learning/activation.hpp"
#include "learning/conv2d.hpp"
#include "learning/dense.hpp"
#include "learning/dropout_layer.hpp"
#include "learning/embedding_layer.hpp"
#include "learning/gru_layer.hpp"
#include "learning/layer_lists.hpp"
#include "learning/layer_norm.hpp"
#include "learning/local_response_norm.hpp"
#include "learning/lstm_layer.hpp"
#include "learning/pool.hpp"

#include <cmath>
#include <limits>
#include <optional>
#include <stdexcept>

namespace adsp::learning {

namespace {

/// 4 GiB of floats; a larger one is a slip of the config.
constexpr std::uint64_t max_parameters = std::uint64_t{1} << 30;

/// So are more numbers a sample.
constexpr std::uint64_t max_numbers = std::uint64_t{1} << 30;

/// A float tells whole numbers apart up to here.
constexpr std::uint32_t max_vocabulary = std::uint32_t{1} << 24;

/// A product or a sum that stays at its largest value instead of wrapping.
struct saturating {
  std::uint64_t value;

  saturating operator*(std::uint64_t x) const {
    std::uint64_t result = 0;
    return {__builtin_mul_overflow(value, x, &result) ? std::numeric_limits<std::uint64_t>::max()
                                                      : result};
  }
  saturating operator+(std::uint64_t x) const {
    std::uint64_t result = 0;
    return {__builtin_add_overflow(value, x, &result) ? std::numeric_limits<std::uint64_t>::max()
                                                      : result};
  }
};

std::uint64_t natural(std::ptrdiff_t x) {
  return static_cast<std::uint64_t>(x);
}

/// One layer with what it gets; checks it, then makes it.
class entry {
public:
  entry(std::size_t number, const layer_options& x, const shape& input, const shape& sample)
      : number_(number), x_(x), input_(input), sample_(sample) {}

  /// Makes the layer. Throws where it does not fit.
  template <class Scalar>
  std::unique_ptr<layer<Scalar>> make() const {
    if (x_.kind == "dense") {
      above_zero(x_.units, "units");
      count_parameters(saturating{natural(input_.size())} * x_.units + x_.units);
      return std::make_unique<dense<Scalar>>(input_, x_.units, start());
    }
    if (x_.kind == "conv2d")
      return make_convolution<Scalar>();
    if (x_.kind == "max_pool")
      return std::make_unique<max_pool<Scalar>>(input_, pooling());
    if (x_.kind == "average_pool")
      return std::make_unique<average_pool<Scalar>>(input_, pooling());
    if (x_.kind == "relu")
      return std::make_unique<relu<Scalar>>(input_);
    if (x_.kind == "tanh")
      return std::make_unique<tanh_layer<Scalar>>(input_);
    if (x_.kind == "local_response_norm")
      return make_norm<Scalar>();
    if (x_.kind == "layer_norm")
      return std::make_unique<layer_norm<Scalar>>(input_);
    if (x_.kind == "dropout")
      return make_dropout<Scalar>();
    if (x_.kind == "lstm")
      return make_recurrent<lstm_layer<Scalar>>(4, 1);
    if (x_.kind == "gru")
      return make_recurrent<gru_layer<Scalar>>(3, 2);
    if (x_.kind == "embedding")
      return make_embedding<Scalar>();
    fail("there is no such kind of layer");
  }

private:
  [[noreturn]] void fail(const std::string& why) const {
    throw std::invalid_argument("layer " + std::to_string(number_) + " (" + x_.kind + "): " + why);
  }

  void above_zero(std::uint32_t value, const char* key) const {
    if (value == 0)
      fail(std::string(key) + " is 0, expected at least 1");
  }

  void count_parameters(saturating count) const {
    if (count.value > max_parameters)
      fail("it has more than " + std::to_string(max_parameters) + " parameters; make it smaller");
  }

  initialiser start() const {
    if (!is_initialiser(x_.initialiser))
      fail("initialiser is \"" + x_.initialiser +
           "\", expected \"he\", \"glorot\" or \"truncated_normal\"");
    if (!(x_.deviation >= 0) || !std::isfinite(x_.deviation))
      fail("deviation must be finite and not negative, found " + std::to_string(x_.deviation));
    return {x_.initialiser, x_.deviation};
  }

  /// A window of `kernel` with such a padding, over the input.
  void fits(std::int64_t padding) const {
    above_zero(x_.kernel, "kernel");
    if (padding < 0 || padding >= x_.kernel)
      fail("a padding of " + std::to_string(padding) + " does not suit a kernel of " +
           std::to_string(x_.kernel) + "; expected 0 to " + std::to_string(x_.kernel - 1));
    if (padding > std::int64_t{1} << 24)
      fail("a padding of " + std::to_string(padding) + " is too large");
    if (input_.height + 2 * padding < x_.kernel || input_.width + 2 * padding < x_.kernel)
      fail("a kernel of " + std::to_string(x_.kernel) + " does not fit an input of " + of_input());
  }

  std::string of_input() const { return to_string(input_) + of_samples(); }

  /// What the data make of it, where that is not what the layer gets.
  std::string of_samples() const {
    return number_ == 0 ? "" : "; the data's samples are " + to_string(sample_);
  }

  pool_windows pooling() const {
    const std::int64_t padding = std::max(x_.padding, 0);
    fits(padding);
    const auto scratch = [&](std::ptrdiff_t size) { return natural(size + 2 * padding); };
    count_numbers(saturating{scratch(input_.height)} * scratch(input_.width) *
                  natural(input_.channels));
    return {x_.kernel, x_.stride == 0 ? x_.kernel : x_.stride, padding};
  }

  template <class Scalar>
  std::unique_ptr<layer<Scalar>> make_convolution() const {
    above_zero(x_.filters, "filters");
    above_zero(x_.kernel, "kernel");
    const std::int64_t stride = x_.stride == 0 ? 1 : x_.stride;
    std::int64_t padding = x_.padding;
    if (input_.height == 1 && input_.width == 1 && x_.kernel > 1)
      fail("a kernel of " + std::to_string(x_.kernel) + " takes an image, and gets " +
           std::to_string(input_.channels) + " numbers without height and width" + of_samples());
    if (padding < 0) {
      if (x_.kernel % 2 == 0 || stride != 1)
        fail("only an odd kernel with a stride of 1 keeps height and width, found " +
             std::to_string(x_.kernel) + " and " + std::to_string(stride) + "; set padding");
      padding = x_.kernel / 2;
    }
    fits(padding);
    const auto square = saturating{x_.kernel} * x_.kernel;
    count_parameters(square * natural(input_.channels) * x_.filters + x_.filters);
    const auto out = [&](std::ptrdiff_t size) {
      return (size + 2 * padding - x_.kernel) / stride + 1;
    };
    count_numbers(saturating{natural(out(input_.height))} * natural(out(input_.width)) *
                  x_.filters);
    // With its padding, and the gradient by the output with its own.
    const auto scratch = [&](std::ptrdiff_t size) {
      return natural(size) + 2 * std::uint64_t{x_.kernel};
    };
    count_numbers(saturating{scratch(input_.height)} * scratch(input_.width) *
                  std::max<std::uint64_t>(natural(input_.channels), x_.filters));
    return std::make_unique<conv2d<Scalar>>(input_, x_.filters, x_.kernel, stride, padding,
                                            start());
  }

  template <class Scalar>
  std::unique_ptr<layer<Scalar>> make_norm() const {
    if (x_.depth % 2 == 0 || x_.depth > 65535)
      fail("depth is " + std::to_string(x_.depth) + ", expected an odd number");
    if (!(x_.bias > 0) || !(x_.alpha >= 0) || !(x_.beta >= 0) || !std::isfinite(x_.bias) ||
        !std::isfinite(x_.alpha) || !std::isfinite(x_.beta))
      fail("bias must be above 0, alpha and beta at least 0, all finite");
    return std::make_unique<local_response_norm<Scalar>>(input_, x_.depth, x_.bias, x_.alpha,
                                                         x_.beta);
  }

  template <class Scalar>
  std::unique_ptr<layer<Scalar>> make_dropout() const {
    if (!(x_.rate >= 0 && x_.rate < 1))
      fail("rate is " + std::to_string(x_.rate) + ", expected at least 0 and below 1");
    return std::make_unique<dropout_layer<Scalar>>(input_, x_.rate, number_);
  }

  template <class Scalar>
  std::unique_ptr<layer<Scalar>> make_embedding() const {
    if (number_ != 0)
      fail("tokens are the data's numbers; it must be the first layer");
    above_zero(x_.units, "units");
    if (x_.vocabulary == 0 || x_.vocabulary > max_vocabulary)
      fail("vocabulary is " + std::to_string(x_.vocabulary) + ", expected 1 to " +
           std::to_string(max_vocabulary));
    count_parameters(saturating{x_.vocabulary} * x_.units);
    count_numbers(saturating{natural(input_.size())} * x_.units);
    return std::make_unique<embedding_layer<Scalar>>(input_, x_.vocabulary, x_.units);
  }

  /// A layer over steps with so many gates, which keeps so many of their products, each with its biases.
  template <class Layer>
  std::unique_ptr<Layer> make_recurrent(std::uint64_t gates, std::uint64_t products) const {
    above_zero(x_.units, "units");
    const auto inputs = saturating{natural(input_.width)} * natural(input_.channels) + x_.units;
    count_parameters((inputs + products) * gates * x_.units);
    count_numbers((inputs + products * gates * x_.units) * natural(input_.height));
    return std::make_unique<Layer>(input_, x_.units, x_.sequence);
  }

  void count_numbers(saturating count) const {
    if (count.value > max_numbers)
      fail("it makes more than " + std::to_string(max_numbers) + " numbers of a sample");
  }

  std::size_t number_;
  const layer_options& x_;
  const shape& input_;
  const shape& sample_;
};

/// The loss that the options mean.
std::string loss_of(const model_options& x, std::int32_t classes) {
  if (classes < 0 || classes == 1)
    throw std::invalid_argument(
        "a model needs at least 2 classes, or 0 to predict a number; found " +
        std::to_string(classes));
  auto kind = x.loss;
  if (kind.empty())
    kind = classes == 0 ? "squared" : x.kind == "linear_svm" ? "hinge" : "cross_entropy";
  make_loss<float>(kind); // throws where there is no such loss
  if (is_classification(kind) != (classes > 0))
    throw std::invalid_argument("model.loss is \"" + kind + "\", which is " +
                                (classes > 0 ? "of numbers; the data has labels"
                                             : "of labels; the data has numbers to predict"));
  return kind;
}

} // namespace

template <class Scalar>
network<Scalar> make_network(const model_options& x, const shape& input, std::int32_t classes) {
  const auto aim = loss_of(x, classes);
  const auto options = all_layers(x, classes);
  if (!(x.weight_decay >= 0) || !std::isfinite(x.weight_decay))
    throw std::invalid_argument("model.weight_decay must be finite and not negative, found " +
                                std::to_string(x.weight_decay));
  if (input.height <= 0 || input.width <= 0 || input.channels <= 0)
    throw std::invalid_argument("the samples are empty; the number of features must be above 0");
  auto at = input;
  if (x.kind == "lstm" && input.height == 1 && input.width == 1)
    at = {input.channels, 1, 1}; // numbers in a row are a series
  std::vector<named_layer<Scalar>> layers;
  std::uint64_t parameters = 0;
  for (const auto& each : options) {
    layers.push_back({each.kind, entry{layers.size(), each, at, input}.template make<Scalar>()});
    at = layers.back().part->output();
    parameters += layers.back().part->parameter_count();
    if (parameters > max_parameters)
      throw std::invalid_argument("the model has more than " + std::to_string(max_parameters) +
                                  " parameters; make its layers smaller");
  }
  return {std::move(layers), make_loss<Scalar>(aim), x.weight_decay};
}

std::vector<layer_row> describe(const model_options& x, const shape& input, std::int32_t classes) {
  return x.kind == "quadratic" ? std::vector<layer_row>{}
                               : make_network<float>(x, input, classes).describe();
}

template network<float> make_network(const model_options&, const shape&, std::int32_t);
template network<double> make_network(const model_options&, const shape&, std::int32_t);

} // namespace adsp::learning
