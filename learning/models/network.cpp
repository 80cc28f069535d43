#include "learning/models/network.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace adsp::learning {

using Eigen::Index;

namespace {

/// Eight sums in fixed order, so that the loop vectorises and the result is the same for every
/// alignment.
template <class Scalar>
double squared_norm(std::span<const Scalar> values) {
  double sums[8] = {};
  std::size_t i = 0;
  for (; i + 8 <= values.size(); i += 8)
    for (std::size_t lane = 0; lane < 8; ++lane)
      sums[lane] += static_cast<double>(values[i + lane]) * values[i + lane];
  for (; i < values.size(); ++i)
    sums[0] += static_cast<double>(values[i]) * values[i];
  return ((sums[0] + sums[4]) + (sums[1] + sums[5])) + ((sums[2] + sums[6]) + (sums[3] + sums[7]));
}

} // namespace

template <class Scalar>
network<Scalar>::network(std::vector<named_layer<Scalar>> layers, std::unique_ptr<loss<Scalar>> aim,
                         double weight_decay)
    : aim_(std::move(aim)), weight_decay_(weight_decay) {
  assert(!layers.empty());
  const layer<Scalar>* before = nullptr;
  for (auto& x : layers) {
    assert(!before || before->output().size() == x.part->input().size());
    const auto count = x.part->parameter_count();
    const auto in_place = before && x.part->works_in_place() && !before->reads_output();
    before = x.part.get();
    places_.push_back(
        {std::move(x.kind), std::move(x.part), parameter_count_, count, in_place, {}});
    parameter_count_ += count;
  }
  while (lowest_ + 1 < places_.size() && places_[lowest_].count == 0)
    ++lowest_;
  std::size_t first = 0;
  for (const auto& x : tensors()) {
    if (x.decays)
      decaying_.push_back({first, x.size()});
    first += x.size();
  }
}

template <class Scalar>
std::vector<tensor> network<Scalar>::tensors() const {
  std::vector<tensor> result;
  for (std::size_t i = 0; i < places_.size(); ++i)
    for (auto& x : places_[i].part->tensors())
      result.push_back({std::to_string(i) + '.' + places_[i].kind + '.' + x.name,
                        std::move(x.extents), x.decays});
  return result;
}

template <class Scalar>
std::vector<layer_row> network<Scalar>::describe() const {
  std::vector<layer_row> result;
  for (const auto& x : places_)
    result.push_back({x.kind, x.part->output(), x.count});
  return result;
}

template <class Scalar>
void network<Scalar>::initialise(std::span<Scalar> parameters, generator random) const {
  assert(parameters.size() == parameter_count_);
  for (const auto& x : places_)
    x.part->initialise(parameters.subspan(x.first, x.count), random);
}

template <class Scalar>
const_batch_view<Scalar> network<Scalar>::forward(std::span<const Scalar> parameters,
                                                  const_batch_view<Scalar> inputs,
                                                  const pass& how) {
  assert(parameters.size() == parameter_count_);
  assert(inputs.rows() == input().size());
  const auto samples = inputs.cols();
  reserve(samples);
  const auto* from = inputs.data();
  for (std::size_t i = 0; i < places_.size(); ++i) {
    const auto& x = places_[i];
    auto* to = output_of(i);
    x.part->forward(parameters.subspan(x.first, x.count), {from, x.part->input().size(), samples},
                    {to, x.part->output().size(), samples}, how);
    from = to;
  }
  return {from, output().size(), samples};
}

template <class Scalar>
double network<Scalar>::loss_and_gradient(std::span<const Scalar> parameters,
                                          const_batch_view<Scalar> inputs, const targets& known,
                                          const pass& how, std::span<Scalar> gradient) {
  assert(gradient.size() == parameter_count_);
  const auto outputs = forward(parameters, inputs, how);
  std::copy_n(outputs.data(), outputs.size(), delta_.data());
  auto result = aim_->value_and_gradient({delta_.data(), outputs.rows(), outputs.cols()}, known) /
                static_cast<double>(inputs.cols());
  backward(parameters, inputs, gradient);
  if (weight_decay_ != 0)
    result += add_penalty(parameters, gradient);
  return result;
}

template <class Scalar>
std::vector<std::uint64_t> network<Scalar>::scratch_bytes(Index samples) const {
  std::vector<std::uint64_t> result;
  std::uint64_t most = 0;
  std::size_t widest = 0;
  for (std::size_t i = 0; i < places_.size(); ++i) {
    const auto& x = places_[i];
    const auto output =
        static_cast<std::uint64_t>(x.part->output().size() * samples) * sizeof(Scalar);
    result.push_back((x.in_place ? 0 : output) + x.part->scratch_bytes(samples));
    if (output > most) {
      most = output;
      widest = i;
    }
  }
  result[widest] += 2 * most;
  return result;
}

template <class Scalar>
std::size_t network<Scalar>::numbers_per_sample() const {
  std::size_t result = 0;
  for (const auto& x : places_)
    if (!x.in_place)
      result += static_cast<std::size_t>(x.part->output().size());
  return result;
}

template <class Scalar>
void network<Scalar>::reserve(Index samples) {
  if (samples <= reserved_)
    return;
  reserved_ = samples;
  Index widest = 0;
  for (auto& x : places_) {
    x.part->reserve(samples);
    const auto size = x.part->output().size();
    if (!x.in_place)
      x.output.resize(static_cast<std::size_t>(size * samples));
    widest = std::max(widest, size);
  }
  delta_.resize(static_cast<std::size_t>(widest * samples));
  passed_.resize(delta_.size());
}

template <class Scalar>
Scalar* network<Scalar>::output_of(std::size_t i) {
  while (places_[i].in_place)
    --i;
  return places_[i].output.data();
}

template <class Scalar>
void network<Scalar>::backward(std::span<const Scalar> parameters, const_batch_view<Scalar> inputs,
                               std::span<Scalar> gradient) {
  const auto samples = inputs.cols();
  for (auto i = places_.size(); i-- > lowest_;) {
    const auto& x = places_[i];
    const auto size = x.part->input().size();
    const auto works_in_place = x.part->works_in_place();
    auto* passed = i == lowest_ ? nullptr : works_in_place ? delta_.data() : passed_.data();
    x.part->backward(parameters.subspan(x.first, x.count),
                     {i == 0 ? inputs.data() : output_of(i - 1), size, samples},
                     {output_of(i), x.part->output().size(), samples},
                     {delta_.data(), x.part->output().size(), samples},
                     gradient.subspan(x.first, x.count), {passed, size, samples});
    if (!works_in_place)
      std::swap(delta_, passed_);
  }
}

template <class Scalar>
double network<Scalar>::add_penalty(std::span<const Scalar> parameters,
                                    std::span<Scalar> gradient) const {
  double result = 0;
  const auto decay = static_cast<Scalar>(weight_decay_);
  for (const auto& x : decaying_) {
    const auto weights = parameters.subspan(x.first, x.count);
    for (std::size_t i = 0; i < x.count; ++i)
      gradient[x.first + i] += decay * weights[i];
    result += weight_decay_ / 2 * squared_norm<Scalar>(weights);
  }
  return result;
}

template class network<float>;
template class network<double>;

} // namespace adsp::learning
