// Outputs, loss and gradient of small networks against PyTorch's numbers, which
// tests/fixtures/torch holds.
#include "learning/layers/activation.hpp"
#include "learning/layers/conv2d.hpp"
#include "learning/layers/dense.hpp"
#include "learning/layers/embedding_layer.hpp"
#include "learning/layers/gru_layer.hpp"
#include "learning/layers/layer_norm.hpp"
#include "learning/layers/local_response_norm.hpp"
#include "learning/layers/lstm_layer.hpp"
#include "learning/layers/pool.hpp"
#include "learning/models/network.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>

using namespace adsp::learning;

namespace {

using parts = std::map<std::string, std::vector<double>>;

parts read_reference(const std::string& name) {
  std::ifstream file(std::string(ADSP_TORCH_FIXTURES "/") + name + ".txt");
  parts result;
  std::string part;
  std::size_t count = 0;
  while (file >> part >> count) {
    std::vector<double> numbers(count);
    for (auto& x : numbers)
      file >> x;
    REQUIRE(file);
    result[part] = std::move(numbers);
  }
  REQUIRE(result.size() == 6);
  return result;
}

/// Layers one after the other, each made for what the one before gives.
template <class Scalar>
class chain {
public:
  explicit chain(const shape& input) : at_(input) {}

  template <template <class> class Layer, class... Arguments>
  chain& add(const Arguments&... arguments) {
    layers_.push_back({"layer", std::make_unique<Layer<Scalar>>(at_, arguments...)});
    at_ = layers_.back().part->output();
    return *this;
  }

  chain& convolve(std::ptrdiff_t filters, std::ptrdiff_t kernel, std::ptrdiff_t stride = 1) {
    return add<conv2d>(filters, kernel, stride, kernel / 2, initialiser{});
  }

  network<Scalar> end() {
    add<dense>(4, initialiser{});
    return {std::move(layers_), make_loss<Scalar>("cross_entropy"), 0};
  }

private:
  shape at_;
  std::vector<named_layer<Scalar>> layers_;
};

template <class Scalar>
network<Scalar> make(const std::string& name) {
  if (name == "mlp")
    return chain<Scalar>(flat(9))
        .template add<dense>(7, initialiser{})
        .template add<relu>()
        .template add<dense>(6, initialiser{})
        .template add<tanh_layer>()
        .end();
  if (name == "cnn")
    return chain<Scalar>({12, 12, 1})
        .convolve(3, 5)
        .template add<relu>()
        .template add<max_pool>(pool_windows{2, 2, 0})
        .convolve(4, 5)
        .template add<relu>()
        .template add<max_pool>(pool_windows{2, 2, 0})
        .template add<dense>(8, initialiser{})
        .template add<relu>()
        .end();
  if (name == "pools")
    return chain<Scalar>({12, 12, 1})
        .convolve(3, 3, 2)
        .template add<average_pool>(pool_windows{2, 2, 0})
        .template add<relu>()
        .convolve(4, 3)
        .template add<max_pool>(pool_windows{3, 1, 0})
        .end();
  if (name == "local_response_norm")
    return chain<Scalar>({3, 3, 2})
        .convolve(7, 1)
        .template add<local_response_norm>(5, 2, 0.5 / 5, 0.75)
        .end();
  if (name == "layer_norm")
    return chain<Scalar>({3, 3, 2}).convolve(7, 1).template add<layer_norm>().end();
  if (name == "lstm")
    return chain<Scalar>({7, 1, 3})
        .template add<lstm_layer>(6, true)
        .template add<lstm_layer>(5, false)
        .end();
  if (name == "gru")
    return chain<Scalar>({7, 1, 3})
        .template add<gru_layer>(6, true)
        .template add<gru_layer>(5, false)
        .end();
  if (name == "padded_pools")
    return chain<Scalar>({10, 10, 2})
        .convolve(3, 3)
        .template add<average_pool>(pool_windows{3, 2, 1})
        .convolve(4, 3)
        .template add<max_pool>(pool_windows{3, 2, 1})
        .template add<tanh_layer>()
        .template add<average_pool>(pool_windows{3, 1, 1})
        .end();
  if (name == "cifar_cnn")
    return chain<Scalar>({12, 12, 3})
        .convolve(8, 5)
        .template add<relu>()
        .template add<max_pool>(pool_windows{3, 2, 1})
        .template add<local_response_norm>(9, 1, 0.001 / 9, 0.75)
        .convolve(8, 5)
        .template add<relu>()
        .template add<local_response_norm>(9, 1, 0.001 / 9, 0.75)
        .template add<max_pool>(pool_windows{3, 2, 1})
        .end();
  REQUIRE(name == "embedding");
  return chain<Scalar>(flat(6))
      .template add<embedding_layer>(9, 4)
      .template add<gru_layer>(5, false)
      .end();
}

/// The largest difference, as a share of the largest number.
template <class Scalar>
double difference(std::span<const Scalar> found, const std::vector<double>& expected) {
  REQUIRE(found.size() == expected.size());
  double worst = 0;
  double largest = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const auto away = std::abs(static_cast<double>(found[i]) - expected[i]);
    worst = away <= worst ? worst : away; // NaN is the worst
    largest = std::max(largest, std::abs(expected[i]));
  }
  return worst / largest;
}

template <class Scalar>
void compare(const std::string& name, double bound) {
  const auto reference = read_reference(name);
  auto tested = make<Scalar>(name);
  const auto numbers = [&](const std::string& part) {
    const auto& x = reference.at(part);
    return std::vector<Scalar>(x.begin(), x.end());
  };
  const auto parameters = numbers("parameters");
  const auto inputs = numbers("inputs");
  const std::vector<std::int32_t> labels(reference.at("labels").begin(),
                                         reference.at("labels").end());
  REQUIRE(parameters.size() == tested.parameter_count());
  const auto samples = static_cast<std::ptrdiff_t>(labels.size());
  REQUIRE(static_cast<std::ptrdiff_t>(inputs.size()) == tested.input().size() * samples);
  const const_batch_view<Scalar> batch(inputs.data(), tested.input().size(), samples);
  const auto outputs = tested.forward(parameters, batch, {});
  CHECK(difference<Scalar>({outputs.data(), static_cast<std::size_t>(outputs.size())},
                           reference.at("outputs")) < bound);
  std::vector<Scalar> gradient(parameters.size(), 99);
  const double loss = tested.loss_and_gradient(parameters, batch, {labels, {}, {}}, {}, gradient);
  CHECK(difference<double>({&loss, 1}, reference.at("loss")) < bound);
  CHECK(difference<Scalar>(gradient, reference.at("gradient")) < bound);
}

} // namespace

TEST_CASE("networks compute what PyTorch does: to 1e-7 in double precision, to 1e-4 in floats") {
  for (const std::string name : {"mlp", "cnn", "pools", "padded_pools", "cifar_cnn",
                                 "local_response_norm", "layer_norm", "lstm", "gru", "embedding"}) {
    CAPTURE(name);
    compare<double>(name, 1e-7);
    compare<float>(name, 1e-4);
  }
}
