#include "learning/layers/make_layer.hpp"

#include "learning/layers/activation.hpp"
#include "learning/layers/conv2d.hpp"
#include "learning/layers/dense.hpp"
#include "learning/layers/dropout_layer.hpp"
#include "learning/layers/embedding_layer.hpp"
#include "learning/layers/gru_layer.hpp"
#include "learning/layers/layer_keys.hpp"
#include "learning/layers/layer_norm.hpp"
#include "learning/layers/local_response_norm.hpp"
#include "learning/layers/lstm_layer.hpp"
#include "learning/layers/pool.hpp"

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <string_view>

namespace adsp::learning {

namespace {

/// Most numbers of a sample between two layers; a config that makes more is considered a mistake.
constexpr std::uint64_t max_numbers = std::uint64_t{1} << 30;

/// A product or a sum that stays at its largest value instead of wrapping.
struct saturating {
  std::uint64_t value;

  saturating operator*(std::uint64_t number) const {
    std::uint64_t result = 0;
    return {__builtin_mul_overflow(value, number, &result)
                ? std::numeric_limits<std::uint64_t>::max()
                : result};
  }
  saturating operator+(std::uint64_t number) const {
    std::uint64_t result = 0;
    return {__builtin_add_overflow(value, number, &result)
                ? std::numeric_limits<std::uint64_t>::max()
                : result};
  }
};

std::uint64_t natural(std::ptrdiff_t x) {
  return static_cast<std::uint64_t>(x);
}

/// One layer and its input; checks it, then makes it.
class entry {
public:
  entry(std::size_t number, const layer_options& x, const shape& input, const shape& sample)
      : number_(number), options_(x), input_(input), sample_(sample) {}

  template <class Scalar>
  std::unique_ptr<layer<Scalar>> make() const {
    for (const auto& row : table<Scalar>())
      if (row.kind.name == options_.kind) {
        check_keys(row.kind);
        return row.make(*this);
      }
    fail("there is no such kind of layer");
  }

  /// A kind and how to make it from checked keys.
  template <class Scalar>
  struct row {
    layer_kind kind;
    std::unique_ptr<layer<Scalar>> (*make)(const entry&);
  };
  template <class Scalar>
  static const std::vector<row<Scalar>>& table();

private:
  [[noreturn]] void fail(const std::string& why) const {
    throw std::invalid_argument("layer " + std::to_string(number_) + " (" + options_.kind +
                                "): " + why);
  }

  void check_keys(const layer_kind& kind) const {
    for (const auto& key : layer_keys())
      if (kind.reads(key.name))
        if (const auto mistake = mistake_in(key, options_); !mistake.empty())
          fail(mistake);
  }

  void count_parameters(saturating count) const {
    if (count.value > max_parameters)
      fail("it has more than " + std::to_string(max_parameters) + " parameters; make it smaller");
  }

  template <class Scalar>
  std::unique_ptr<layer<Scalar>> make_dense() const {
    count_parameters(saturating{natural(input_.size())} * options_.units + options_.units);
    return std::make_unique<dense<Scalar>>(input_, options_.units, start());
  }

  initialiser start() const {
    if (!is_initialiser(options_.initialiser))
      fail("initialiser is \"" + options_.initialiser +
           "\", expected \"he\", \"glorot\" or \"truncated_normal\"");
    return {options_.initialiser, options_.deviation};
  }

  /// Fails if a window of `kernel` does not fit into the padded input.
  void fits(std::int64_t padding) const {
    if (padding < 0 || padding >= options_.kernel)
      fail("a padding of " + std::to_string(padding) + " does not suit a kernel of " +
           std::to_string(options_.kernel) + "; expected 0 to " +
           std::to_string(options_.kernel - 1));
    if (input_.height + 2 * padding >= options_.kernel &&
        input_.width + 2 * padding >= options_.kernel)
      return;
    takes_image();
    fail("a kernel of " + square() + " does not fit an input of " + to_string(input_) +
         (padding > 0 ? " with a padding of " + std::to_string(padding) : "") + of_samples());
  }

  /// Fails if the layer needs an image but gets plain numbers.
  void takes_image() const {
    if (input_.height == 1 && input_.width == 1 && options_.kernel > 1)
      fail("a kernel of " + square() + " takes an image, and gets " +
           std::to_string(input_.channels) + " numbers without height and width" + of_samples());
  }

  /// Fails if the input has no steps, such as the output of a dense layer or of a recurrent one
  /// without `sequence`. A sample of one number is a series of one step.
  void takes_steps() const {
    if (number_ > 0 && input_.height == 1 && input_.width == 1 && sample_.size() > 1)
      fail("it takes a series of steps x 1 x numbers, and gets " + std::to_string(input_.channels) +
           " numbers without steps; an lstm or gru before it needs sequence = true" + of_samples());
  }

  std::string square() const {
    return std::to_string(options_.kernel) + " x " + std::to_string(options_.kernel);
  }

  /// Names the shape of the samples if the layer gets another one.
  std::string of_samples() const {
    return number_ == 0 ? "" : "; the data's samples are " + to_string(sample_);
  }

  pool_windows pooling() const {
    const std::int64_t padding = std::max(options_.padding, 0);
    fits(padding);
    const auto scratch = [&](std::ptrdiff_t size) { return natural(size + 2 * padding); };
    count_numbers(saturating{scratch(input_.height)} * scratch(input_.width) *
                  natural(input_.channels));
    return {options_.kernel, options_.stride == 0 ? options_.kernel : options_.stride, padding};
  }

  template <class Pool, class Scalar>
  std::unique_ptr<layer<Scalar>> make_pool() const {
    return std::make_unique<Pool>(input_, pooling());
  }

  /// Makes a layer without keys of its own.
  template <class Function, class Scalar>
  std::unique_ptr<layer<Scalar>> make_function() const {
    return std::make_unique<Function>(input_);
  }

  template <class Scalar>
  std::unique_ptr<layer<Scalar>> make_convolution() const {
    const std::int64_t stride = options_.stride == 0 ? 1 : options_.stride;
    std::int64_t padding = options_.padding;
    takes_image();
    if (padding < 0) {
      if (options_.kernel % 2 == 0 || stride != 1)
        fail("only an odd kernel with a stride of 1 keeps height and width, found " +
             std::to_string(options_.kernel) + " and " + std::to_string(stride) + "; set padding");
      padding = options_.kernel / 2;
    }
    fits(padding);
    const auto weights = saturating{options_.kernel} * options_.kernel;
    count_parameters(weights * natural(input_.channels) * options_.filters + options_.filters);
    const auto out = [&](std::ptrdiff_t size) {
      return (size + 2 * padding - options_.kernel) / stride + 1;
    };
    count_numbers(saturating{natural(out(input_.height))} * natural(out(input_.width)) *
                  options_.filters);
    // The padded input, and the padded gradient by the output.
    const auto scratch = [&](std::ptrdiff_t size) {
      return natural(size) + 2 * std::uint64_t{options_.kernel};
    };
    count_numbers(saturating{scratch(input_.height)} * scratch(input_.width) *
                  std::max<std::uint64_t>(natural(input_.channels), options_.filters));
    return std::make_unique<conv2d<Scalar>>(input_, options_.filters, options_.kernel, stride,
                                            padding, start());
  }

  template <class Scalar>
  std::unique_ptr<layer<Scalar>> make_norm() const {
    return std::make_unique<local_response_norm<Scalar>>(input_, options_.depth, options_.bias,
                                                         options_.alpha, options_.beta);
  }

  template <class Scalar>
  std::unique_ptr<layer<Scalar>> make_dropout() const {
    return std::make_unique<dropout_layer<Scalar>>(input_, options_.rate, number_);
  }

  template <class Scalar>
  std::unique_ptr<layer<Scalar>> make_embedding() const {
    if (number_ != 0)
      fail("tokens are the data's numbers; it must be the first layer");
    count_parameters(saturating{options_.vocabulary} * options_.units);
    count_numbers(saturating{natural(input_.size())} * options_.units);
    return std::make_unique<embedding_layer<Scalar>>(input_, options_.vocabulary, options_.units);
  }

  /// Makes a layer over steps. `gates`: weights of a unit for each of its inputs; `products`:
  /// matrix products in a step, each with its own biases.
  template <class Layer, class Scalar>
  std::unique_ptr<layer<Scalar>> make_recurrent(std::uint64_t gates, std::uint64_t products) const {
    takes_steps();
    const auto inputs =
        saturating{natural(input_.width)} * natural(input_.channels) + options_.units;
    count_parameters((inputs + products) * gates * options_.units);
    count_numbers((inputs + products * gates * options_.units) * natural(input_.height));
    return std::make_unique<Layer>(input_, options_.units, options_.sequence);
  }

  void count_numbers(saturating count) const {
    if (count.value > max_numbers)
      fail("it makes more than " + std::to_string(max_numbers) + " numbers of a sample");
  }

  std::size_t number_;
  const layer_options& options_;
  const shape& input_;
  const shape& sample_;
};

// A new kind of layer is a row here.
template <class Scalar>
const std::vector<entry::row<Scalar>>& entry::table() {
  static const std::vector<row<Scalar>> rows = {
      {{.name = "dense", .needs = {"units"}, .takes = {"initialiser", "deviation"}},
       [](const entry& x) { return x.make_dense<Scalar>(); }},
      {{.name = "conv2d",
        .needs = {"filters", "kernel"},
        .takes = {"stride", "padding", "initialiser", "deviation"}},
       [](const entry& x) { return x.make_convolution<Scalar>(); }},
      {{.name = "max_pool",
        .needs = {"kernel"},
        .takes = {"stride", "padding"},
        .keeps_scale = true},
       [](const entry& x) { return x.make_pool<max_pool<Scalar>, Scalar>(); }},
      {{.name = "average_pool",
        .needs = {"kernel"},
        .takes = {"stride", "padding"},
        .keeps_scale = true},
       [](const entry& x) { return x.make_pool<average_pool<Scalar>, Scalar>(); }},
      {{.name = "relu"}, [](const entry& x) { return x.make_function<relu<Scalar>, Scalar>(); }},
      {{.name = "tanh"},
       [](const entry& x) { return x.make_function<tanh_layer<Scalar>, Scalar>(); }},
      {{.name = "sigmoid"},
       [](const entry& x) { return x.make_function<sigmoid_layer<Scalar>, Scalar>(); }},
      {{.name = "local_response_norm",
        .takes = {"depth", "alpha", "beta", "bias"},
        .keeps_scale = true},
       [](const entry& x) { return x.make_norm<Scalar>(); }},
      {{.name = "layer_norm", .keeps_scale = true},
       [](const entry& x) { return x.make_function<layer_norm<Scalar>, Scalar>(); }},
      {{.name = "dropout", .takes = {"rate"}, .keeps_scale = true},
       [](const entry& x) { return x.make_dropout<Scalar>(); }},
      {{.name = "lstm", .needs = {"units"}, .takes = {"sequence"}, .steps = true},
       [](const entry& x) { return x.make_recurrent<lstm_layer<Scalar>, Scalar>(4, 1); }},
      {{.name = "gru", .needs = {"units"}, .takes = {"sequence"}, .steps = true},
       [](const entry& x) { return x.make_recurrent<gru_layer<Scalar>, Scalar>(3, 2); }},
      {{.name = "embedding", .needs = {"vocabulary", "units"}},
       [](const entry& x) { return x.make_embedding<Scalar>(); }},
  };
  return rows;
}

} // namespace

template <class Scalar>
std::unique_ptr<layer<Scalar>> make_layer(std::size_t number, const layer_options& x,
                                          const shape& input, const shape& sample) {
  return entry{number, x, input, sample}.make<Scalar>();
}

bool layer_kind::reads(std::string_view key) const {
  return std::ranges::find(needs, key) != needs.end() ||
         std::ranges::find(takes, key) != takes.end();
}

std::span<const layer_kind> layer_kinds() {
  static const auto kinds = [] {
    std::vector<layer_kind> result;
    for (const auto& row : entry::table<float>())
      result.push_back(row.kind);
    return result;
  }();
  return kinds;
}

const layer_kind* find_layer_kind(std::string_view name) {
  const auto kinds = layer_kinds();
  const auto at = std::ranges::find(kinds, name, &layer_kind::name);
  return at == kinds.end() ? nullptr : &*at;
}

template std::unique_ptr<layer<float>> make_layer(std::size_t, const layer_options&, const shape&,
                                                  const shape&);
template std::unique_ptr<layer<double>> make_layer(std::size_t, const layer_options&, const shape&,
                                                   const shape&);

} // namespace adsp::learning
