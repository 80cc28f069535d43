#include "learning/data/class_weights.hpp"

namespace adsp::learning {

std::vector<float> balanced_weights(const dataset& samples) {
  std::vector<std::size_t> counts(static_cast<std::size_t>(samples.classes));
  for (auto label : samples.labels)
    ++counts[static_cast<std::size_t>(label)];
  std::vector<float> result;
  result.reserve(counts.size());
  for (auto count : counts)
    result.push_back(count == 0 ? 1.0F
                                : static_cast<float>(static_cast<double>(samples.size()) /
                                                     (static_cast<double>(samples.classes) *
                                                      static_cast<double>(count))));
  return result;
}

} // namespace adsp::learning
