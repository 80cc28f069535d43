#include "learning/data/dataset.hpp"

#include <cassert>

namespace adsp::learning {

void gather_targets(const dataset& from, std::span<const std::uint32_t> rows, minibatch& into) {
  into.labels.resize(from.labels.empty() ? 0 : rows.size());
  into.values.resize(from.values.empty() ? 0 : rows.size());
  into.class_weights = from.class_weights;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    assert(rows[i] < from.size());
    if (!from.labels.empty())
      into.labels[i] = from.labels[rows[i]];
    if (!from.values.empty())
      into.values[i] = from.values[rows[i]];
  }
}

void gather(const dataset& from, std::span<const std::uint32_t> rows, minibatch& into) {
  gather_targets(from, rows, into);
  into.features.resize(from.features.rows(), static_cast<Eigen::Index>(rows.size()));
  for (std::size_t i = 0; i < rows.size(); ++i)
    into.features.col(static_cast<Eigen::Index>(i)) = from.features.col(rows[i]);
}

} // namespace adsp::learning
