#include "learning/models/network_model.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace adsp::learning {

using Eigen::Index;

namespace {

/// The targets of `count` samples from `first` on.
targets targets_of(const minibatch& batch, Index first, Index count) {
  const auto from = static_cast<std::size_t>(first);
  const auto size = static_cast<std::size_t>(count);
  targets result;
  if (!batch.labels.empty())
    result.labels = std::span(batch.labels).subspan(from, size);
  if (!batch.values.empty())
    result.values = std::span(batch.values).subspan(from, size);
  result.class_weights = batch.class_weights;
  return result;
}

/// Samples (columns of classes x samples) whose largest score is their label's. A diverged model
/// predicts nothing.
std::uint64_t count_correct(const_batch_view<float> scores, std::span<const std::int32_t> labels) {
  std::uint64_t result = 0;
  for (Index i = 0; i < scores.cols(); ++i) {
    const auto* begin = scores.col(i).data();
    const auto predicted = std::max_element(begin, begin + scores.rows()) - begin;
    if (predicted == labels[static_cast<std::size_t>(i)] && std::isfinite(begin[predicted]))
      ++result;
  }
  return result;
}

void add_errors(const const_batch_view<float>& outputs, std::span<const float> values,
                evaluation_sums& sums) {
  for (Index i = 0; i < outputs.cols(); ++i) {
    const auto away = static_cast<double>(outputs(0, i)) - values[static_cast<std::size_t>(i)];
    sums.squared_error += away * away;
    sums.absolute_error += std::abs(away);
  }
}

} // namespace

void network_model::initialise(std::span<float> parameters, generator random) const {
  network_.initialise(parameters, random);
}

float network_model::loss_and_gradient(std::span<const float> parameters, const minibatch& batch,
                                       std::span<float> gradient) {
  const auto& x = batch.features;
  return static_cast<float>(network_.loss_and_gradient(parameters, {x.data(), x.rows(), x.cols()},
                                                       targets_of(batch, 0, x.cols()),
                                                       {true, batch.draw}, gradient));
}

template <class Body>
void network_model::for_outputs(std::span<const float> parameters, const Eigen::MatrixXf& features,
                                const Body& body) {
  constexpr std::size_t numbers = 4 << 20; // 16 MB of scratch
  const auto most =
      static_cast<Index>(std::max<std::size_t>(1, numbers / network_.numbers_per_sample()));
  for (Index first = 0; first < features.cols(); first += most) {
    const auto count = std::min(most, features.cols() - first);
    body(first,
         network_.forward(parameters, {features.col(first).data(), features.rows(), count}, {}));
  }
}

evaluation_sums network_model::evaluate(std::span<const float> parameters, const minibatch& batch) {
  evaluation_sums result;
  for_outputs(parameters, batch.features, [&](Index first, const const_batch_view<float>& outputs) {
    const auto x = targets_of(batch, first, outputs.cols());
    result.loss += network_.loss_sum(outputs, x);
    if (!x.labels.empty())
      result.correct += count_correct(outputs, x.labels);
    else
      add_errors(outputs, x.values, result);
  });
  result.samples = static_cast<std::uint64_t>(batch.features.cols());
  return result;
}

void network_model::predict(std::span<const float> parameters, const Eigen::MatrixXf& features,
                            Eigen::MatrixXf& outputs) {
  outputs.resize(network_.output().size(), features.cols());
  for_outputs(parameters, features, [&](Index first, const const_batch_view<float>& found) {
    outputs.middleCols(first, found.cols()) = found;
  });
}

} // namespace adsp::learning
