// Stochastic gradient descent over one flat vector.
#include "learning/optimizer.hpp"

#include <Eigen/Core>

#include <algorithm>
#include <cassert>
#include <cmath>

namespace adsp::learning {

namespace {

using array = Eigen::Map<Eigen::ArrayXf>;
using const_array = Eigen::Map<const Eigen::ArrayXf>;

} // namespace

sgd::sgd(const optimizer_options& x, std::size_t parameter_count)
    : options_(x), velocity_(x.momentum != 0 ? parameter_count : 0) {}

void sgd::step(std::span<float> parameters, std::span<const float> gradient) {
  assert(parameters.size() == gradient.size());
  auto size = static_cast<Eigen::Index>(parameters.size());
  auto rate = static_cast<float>(learning_rate());
  array w(parameters.data(), size);
  const_array g(gradient.data(), size);
  if (options_.momentum == 0) {
    w -= rate * g;
  } else {
    assert(parameters.size() == velocity_.size());
    array v(velocity_.data(), size);
    v = static_cast<float>(options_.momentum) * v + g;
    w -= rate * v;
  }
  ++steps_;
}

void sgd::restart() {
  std::ranges::fill(velocity_, 0.0f);
}

double sgd::learning_rate() const {
  if (options_.decay_every == 0)
    return options_.learning_rate;
  auto decays = static_cast<double>(steps_ / options_.decay_every);
  return options_.learning_rate * std::pow(options_.decay, decays);
}

} // namespace adsp::learning
