#include "learning/data/class_weights.hpp"

namespace adsp::learning {

std::vector<float> balanced_weights(const dataset& x) {
  std::vector<std::size_t> counts(static_cast<std::size_t>(x.classes));
  for (auto label : x.labels)
    ++counts[static_cast<std::size_t>(label)];
  std::vector<float> result;
  for (auto count : counts)
    result.push_back(count == 0 ? 1.0F
                                : static_cast<float>(static_cast<double>(x.size()) /
                                                     (static_cast<double>(x.classes) *
                                                      static_cast<double>(count))));
  return result;
}

} // namespace adsp::learning
