#include "actors/plan/placement.hpp"

#include <algorithm>

namespace adsp {

placement place_shards(std::size_t shards, std::size_t nodes, std::size_t index) {
  const auto each = shards / nodes;
  const auto longer = shards % nodes; // the first `longer` nodes have one more
  return {index * each + std::min(index, longer), each + (index < longer ? 1 : 0)};
}

} // namespace adsp
